import { amountOf, entriesOf, type ResourceVector, vectorOf } from "../kernel/quantity.ts";
import type { Candidate } from "../placement/candidate.ts";
import { demandOf, partsOf } from "../placement/demand.ts";
import type { PlacementResult } from "../placement/place.ts";
import { poolOf } from "../placement/scene.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import { approversOf, denies, outcomeOf, type Violation as PolicyViolation } from "../policy/evaluate.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { requestViolations } from "../policy/request-rulings.ts";
import type { Ruling } from "../policy/rulings.ts";
import { type PriceList, priceOf } from "../pricing/price.ts";
import type { Deliberation, Proposal, Question } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { evidenceOf } from "./evidence.ts";
import { answerOf } from "./placement-answer.ts";
import { type Plan, type PlannedPart, planHash } from "./plan.ts";
import { blockingViolations, type Seat, violationOf } from "./violations.ts";

/** What follows from it. */
export function deliberate(
  policies: PolicySet,
  snapshot: PlacementSnapshot,
  priceList: PriceList | null,
  question: Question,
  outcome: PlacementResult<Ruling>,
  now: Date,
): Deliberation {
  const { facts } = question;
  const { today, organization } = snapshot;
  const general = requestViolations(policies, { today, request: facts, organization });
  const denied = general.some(denies);
  const nowhere = outcome.candidates.length === 0;
  const blocking = nowhere
    ? blockingViolations(outcome.refusals, seatsOf(snapshot, question), (policyId) =>
        sourceOf(policies, policyId),
      )
    : [];
  const decided = (violations: readonly PolicyViolation[]): Decision => ({
    outcome: nowhere ? "denied" : outcomeOf(violations),
    violations: [...violations.map(violationOf), ...blocking],
    approvers: approversOf(violations),
    decidedAt: now.toISOString(),
    policyDigest: policies.digest,
  });
  const violationsOf = (candidate: Candidate<Ruling>) =>
    distinct(candidate.parts.flatMap((part) => part.verdict.violations));
  if (denied || nowhere) {
    // Whoever mends what is denied wants to know what the best place would say as well.
    const decision = decided([...general, ...outcome.candidates.slice(0, 1).flatMap(violationsOf)]);
    const evidence = () => evidenceOf(policies, snapshot, question, outcome.candidates[0] ?? null, decision);
    return { proposals: [], decision, placement: answerOf(snapshot, outcome, null), evidence };
  }
  const proposals = outcome.candidates.map((candidate) =>
    whenAsked((): Proposal => {
      const decision = decided([...general, ...violationsOf(candidate)]);
      const plan = planOf(snapshot, priceList, question, candidate, decision);
      const evidence = () => evidenceOf(policies, snapshot, question, candidate, decision);
      return { decision, plan, planHash: planHash(plan), evidence };
    }),
  );
  const [first] = proposals;
  const [chosen = null] = outcome.candidates;
  if (first === undefined) throw new Error("candidates without proposals");
  const { decision, evidence } = first;
  return { proposals, decision, placement: answerOf(snapshot, outcome, chosen), evidence };
}

/** Nearly always the first proposal is taken, and the plans of all the others are never looked at. */
function whenAsked(propose: () => Proposal): Proposal {
  let made: Proposal | null = null;
  const proposal = () => (made ??= propose());
  return {
    get decision() {
      return proposal().decision;
    },
    get plan() {
      return proposal().plan;
    },
    get planHash() {
      return proposal().planHash;
    },
    evidence: () => proposal().evidence(),
  };
}

/** Where the parts could have gone: for a change, nowhere but where they are. */
function seatsOf({ pools }: PlacementSnapshot, { facts, existing }: Question): readonly Seat[] {
  if (existing !== null) return existing;
  const { architectures } = facts.requirements;
  // Of copies, pools of other processors are passed over without a refusal.
  const startsThere = (role: PlannedPart["role"], architecture: string) =>
    role !== "recovery" || architectures.length === 0 || architectures.includes(architecture);
  return partsOf(demandOf(facts)).flatMap(({ role, zone }) =>
    pools
      .filter((pool) => pool.facts.zone === zone && startsThere(role, pool.facts.architecture))
      .map(({ id: poolId, cloudId }): Seat => ({ role, cloudId, poolId })),
  );
}

function sourceOf({ byId }: PolicySet, policyId: string) {
  const document = byId.get(policyId)?.document;
  return document && { version: document.metadata.version, basis: document.spec.basis };
}

function planOf(
  snapshot: PlacementSnapshot,
  priceList: PriceList | null,
  { facts, organizationId, tenancyId, existing, dataExport }: Question,
  candidate: Candidate<Ruling>,
  decision: Decision,
): Plan {
  const parts = candidate.parts.map((part): PlannedPart => {
    const before = existing?.find(({ role }) => role === part.role)?.amounts ?? {};
    const { role, cloudId, poolId, quotaNodeId } = part;
    const amounts = facts.kind === "release" ? {} : part.amounts;
    const { zone, architecture } = poolOf(snapshot, poolId).facts;
    return {
      role,
      cloudId,
      poolId,
      quotaNodeId,
      zone,
      architecture,
      amounts: held(amounts),
      before: held(before),
    };
  });
  return {
    kind: facts.kind,
    organizationId,
    tenancyId,
    system: { name: facts.system.name, mlpsLevel: facts.system.mlpsLevel, dataClass: facts.system.dataClass },
    environment: facts.environment,
    parts,
    instances: facts.kind === "release" ? [] : facts.instances,
    resources: facts.kind === "release" ? {} : held(facts.resources),
    term: { start: facts.term.start, end: facts.term.end },
    outcome: decision.outcome === "allowed" ? "allowed" : "needs_approval",
    policyDigest: decision.policyDigest,
    verdicts: decision.violations.map(({ policyId, policyVersion, severity, exemption }) => ({
      policyId,
      policyVersion,
      action: severity,
      ...(exemption === undefined ? {} : { exemptionId: exemption.id }),
    })),
    approvers: decision.approvers,
    // The second copy is paid for too.
    price: priceOf(vectorOf(parts.flatMap((part) => entriesOf(part.amounts))), priceList),
    dataExport,
  };
}

/** Without the classes that are zero, so that a plan reads as what it grants. */
function held(amounts: ResourceVector): ResourceVector {
  return vectorOf(entriesOf(amounts).map(([name]) => [name, amountOf(amounts, name)] as const));
}

/** Two parts of one plan often meet the same warning. */
function distinct(violations: readonly PolicyViolation[]): PolicyViolation[] {
  const keyOf = (one: PolicyViolation) =>
    JSON.stringify([one.policyId, one.validationId, one.actual, one.required]);
  return [...new Map(violations.map((one) => [keyOf(one), one])).values()];
}
