import { amountOf, entriesOf, type ResourceVector, vectorOf } from "../kernel/quantity.ts";
import type { Candidate } from "../placement/candidate.ts";
import { demandOf, partsOf } from "../placement/demand.ts";
import type { Judge } from "../placement/judge.ts";
import { type PlacementResult, place } from "../placement/place.ts";
import { placeInPlace } from "../placement/place-in-place.ts";
import { poolOf } from "../placement/scene.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import { approversOf, outcomeOf, type Violation as PolicyViolation } from "../policy/evaluate.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { requestViolations } from "../policy/request-rulings.ts";
import { judgeOf, type Ruling } from "../policy/rulings.ts";
import { type PriceList, priceOf } from "../pricing/price.ts";
import type { Deliberation, Proposal, Question } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { answerOf } from "./placement-answer.ts";
import { type Plan, type PlannedPart, planHash } from "./plan.ts";
import { preferencesOf } from "./preferences.ts";
import { blockingViolations, type Seat, violationOf } from "./violations.ts";

/** Where it could go, or could stay; another judge than the one that remembers has to say the same. */
export function placedIn(
  policies: PolicySet,
  snapshot: PlacementSnapshot,
  { facts, existing }: Question,
  judge: Judge<Ruling> = judgeOf(policies),
): PlacementResult<Ruling> {
  const preferences = preferencesOf(policies.preferences);
  return existing === null
    ? place(snapshot, facts, judge, preferences)
    : placeInPlace(snapshot, facts, existing, judge, preferences);
}

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
  const denied = general.some(({ action }) => action === "deny");
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
    return { proposals: [], decision, placement: answerOf(snapshot, outcome, null) };
  }
  const proposals = outcome.candidates.map((candidate) =>
    whenAsked((): Proposal => {
      const decision = decided([...general, ...violationsOf(candidate)]);
      const plan = planOf(snapshot, priceList, question, candidate, decision);
      return { decision, plan, planHash: planHash(plan) };
    }),
  );
  const [first] = proposals;
  const [chosen = null] = outcome.candidates;
  if (first === undefined) throw new Error("candidates without proposals");
  return { proposals, decision: first.decision, placement: answerOf(snapshot, outcome, chosen) };
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
    verdicts: decision.violations.map(({ policyId, policyVersion, severity }) => ({
      policyId,
      policyVersion,
      action: severity,
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
