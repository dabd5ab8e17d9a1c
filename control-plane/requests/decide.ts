import { STATEMENT_CANCELLED, sqlStateOf } from "../db/errors.ts";
import type { Tx } from "../db/tx.ts";
import { limitStatements } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { Clock } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import type { OrganizationId, TenancyId } from "../kernel/ids.ts";
import { amountOf, entriesOf, type ResourceVector, vectorOf } from "../kernel/quantity.ts";
import type { Candidate } from "../placement/candidate.ts";
import type { Verdict } from "../placement/judge.ts";
import { loadSnapshot } from "../placement/load-snapshot.ts";
import { place } from "../placement/place.ts";
import { type ExistingPart, placeInPlace } from "../placement/place-in-place.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import { approversOf, evaluate, outcomeOf, type Violation as PolicyViolation } from "../policy/evaluate.ts";
import type { PlacementFacts, RequestFacts } from "../policy/facts.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { type PriceList, priceListOn, priceOf } from "../pricing/price.ts";
import { loadPriceLists } from "../pricing/store.ts";
import type { HeldPart } from "../quota/held-part.ts";
import type { Decision, PlacementAnswer } from "./decision.ts";
import { answerOf } from "./placement-answer.ts";
import { type Plan, type PlannedPart, planHash } from "./plan.ts";
import { preferencesOf } from "./preferences.ts";
import { blockingViolations, violationOf } from "./violations.ts";

export interface Question {
  readonly organizationId: OrganizationId;
  readonly facts: RequestFacts;
  readonly tenancyId: TenancyId | null;
  /** Where the tenancy is already, or where an undecided plan wants it to stay; null lets placement choose. */
  readonly existing: readonly ExistingPart[] | null;
  /** What this request holds itself. */
  readonly ownHold: readonly HeldPart[];
  readonly dataExport: Plan["dataExport"];
}

/** One way in which the request could be carried out, with the decision that goes with it. */
export interface Proposal {
  readonly decision: Decision;
  readonly plan: Plan;
  readonly planHash: string;
}

export interface Deliberation {
  /** Best first; empty when the request is denied. */
  readonly proposals: readonly Proposal[];
  /** The decision of the first proposal, or the denial. */
  readonly decision: Decision;
  readonly placement: PlacementAnswer;
}

interface DecideContext {
  readonly clock: Clock;
  readonly config: { readonly DECISION_TIMEOUT_MS: number };
  readonly policies: PolicySet;
}

/** A policy's full say, carried through placement so that nothing is evaluated twice. */
interface Judgement extends Verdict {
  readonly violations: readonly PolicyViolation[];
}

/** Policy and placement over one frozen picture. Writes nothing: dry runs, submissions and approvals all come here. */
export async function decide(tx: Tx, ctx: DecideContext, question: Question): Promise<Deliberation> {
  const now = ctx.clock.now();
  const today = chinaDate(now);
  const picture = await withinTime(tx, ctx, async () => ({
    snapshot: await loadSnapshot(tx, today, question.organizationId, question.ownHold),
    priceLists: await loadPriceLists(tx),
  }));
  return deliberate(ctx.policies, picture.snapshot, priceListOn(picture.priceLists, today), question, now);
}

/** No decision in time is said to be just that: a picture that came too late or not at all shows no shortage. */
async function withinTime<Value>(tx: Tx, ctx: DecideContext, read: () => Promise<Value>): Promise<Value> {
  const limitMs = ctx.config.DECISION_TIMEOUT_MS;
  const began = ctx.clock.now();
  await limitStatements(tx, limitMs);
  try {
    const value = await read();
    const tookMs = ctx.clock.now().getTime() - began.getTime();
    if (tookMs > limitMs) throw fault("decision.timeout", { limitMs, tookMs });
    return value;
  } catch (error) {
    if (sqlStateOf(error) === STATEMENT_CANCELLED)
      throw fault("decision.timeout", { limitMs }, { cause: error });
    throw error;
  }
}

/** The pure part of `decide`. */
function deliberate(
  policies: PolicySet,
  snapshot: PlacementSnapshot,
  priceList: PriceList | null,
  question: Question,
  now: Date,
): Deliberation {
  const { facts, existing } = question;
  const { today, organization } = snapshot;
  const general = evaluate(policies, "request", { today, request: facts, organization });
  const judge = (about: PlacementFacts): Judgement => {
    const violations = evaluate(policies, "placement", about);
    return { violations, denied: violations.filter(({ action }) => action === "deny") };
  };
  const preferences = preferencesOf(policies.preferences);
  const outcome =
    existing === null
      ? place(snapshot, facts, judge, preferences)
      : placeInPlace(snapshot, facts, existing, judge, preferences);
  const denied = general.some(({ action }) => action === "deny");
  const decided = (violations: readonly PolicyViolation[], nowhere: boolean): Decision => ({
    outcome: nowhere ? "denied" : outcomeOf(violations),
    violations: [...violations.map(violationOf), ...(nowhere ? blockingViolations(outcome.refusals) : [])],
    approvers: approversOf(violations),
    decidedAt: now.toISOString(),
    policyDigest: policies.digest,
  });
  if (denied || outcome.candidates.length === 0) {
    const nowhere = outcome.candidates.length === 0;
    const decision = decided(general, nowhere);
    return { proposals: [], decision, placement: answerOf(snapshot, outcome, null) };
  }
  const proposals = outcome.candidates.map((candidate): Proposal => {
    const violations = [...general, ...distinct(candidate.parts.flatMap((part) => part.verdict.violations))];
    const decision = decided(violations, false);
    const plan = planOf(snapshot, priceList, question, candidate, decision);
    return { decision, plan, planHash: planHash(plan) };
  });
  const [first] = proposals;
  const [chosen = null] = outcome.candidates;
  if (first === undefined) throw new Error("candidates without proposals");
  return { proposals, decision: first.decision, placement: answerOf(snapshot, outcome, chosen) };
}

function planOf(
  snapshot: PlacementSnapshot,
  priceList: PriceList | null,
  { facts, organizationId, tenancyId, existing, dataExport }: Question,
  candidate: Candidate<Judgement>,
  decision: Decision,
): Plan {
  const parts = candidate.parts.map((part): PlannedPart => {
    const pool = snapshot.pools.find(({ id }) => id === part.poolId);
    if (pool === undefined) throw new Error(`candidate names an unknown pool ${part.poolId}`);
    const before = existing?.find(({ role }) => role === part.role)?.amounts ?? {};
    const { role, cloudId, poolId, quotaNodeId, amounts } = part;
    const { zone, architecture } = pool.facts;
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
    instances: facts.instances,
    resources: held(facts.resources),
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
