import type { Refusal } from "../placement/refusal.ts";
import type { Violation as PolicyViolation } from "../policy/evaluate.ts";
import type { Violation } from "./decision.ts";

export function violationOf(found: PolicyViolation): Violation {
  return {
    policyId: found.policyId,
    policyVersion: found.policyVersion,
    ruleId: found.ruleId,
    severity: found.action,
    basis: found.basis,
    message: found.message,
    actual: found.actual,
    required: found.required,
  };
}

/** Clouds that were never in the running say nothing about why a request fits nowhere. */
const NEVER_IN_THE_RUNNING: ReadonlySet<string> = new Set(["cloud.not_eligible", "cloud.not_requested"]);

/** A pool of another zone or architecture was not asked for, so what else it lacks is beside the point. */
const NOT_ASKED_FOR: ReadonlySet<string> = new Set(["zone.unavailable", "architecture.mismatch"]);

/**
 * Why a request fits nowhere: the reasons that stand in the way on every pool of some cloud that was asked
 * for. Where each pool has reasons of its own, all of them.
 */
export function blockingViolations(refusals: readonly Refusal[]): Violation[] {
  const running = refusals.filter(({ code }) => !NEVER_IN_THE_RUNNING.has(code));
  const relevant = withoutUnasked(running.length > 0 ? running : refusals);
  const clouds = [...new Set(relevant.map(({ cloudId }) => cloudId))];
  const blocking = clouds.flatMap((cloudId) => commonOf(relevant.filter((one) => one.cloudId === cloudId)));
  const reasons = blocking.length > 0 ? blocking : relevant;
  return [...new Map(reasons.map((one) => [keyOf(one), one])).values()].map(asViolation);
}

function withoutUnasked(refusals: readonly Refusal[]): readonly Refusal[] {
  const unasked = new Set(refusals.filter(({ code }) => NOT_ASKED_FOR.has(code)).map(({ poolId }) => poolId));
  const left = refusals.filter(({ poolId }) => poolId === null || !unasked.has(poolId));
  return left.length > 0 ? left : refusals;
}

/** Reasons of the whole cloud, and those that all of its pools share. */
function commonOf(refusals: readonly Refusal[]): Refusal[] {
  const pools = new Set(refusals.map(({ poolId }) => poolId).filter((id) => id !== null));
  const carriers = new Map<string, Set<string>>();
  for (const one of refusals) {
    if (one.poolId === null) continue;
    carriers.set(keyOf(one), (carriers.get(keyOf(one)) ?? new Set()).add(one.poolId));
  }
  return refusals.filter((one) => one.poolId === null || carriers.get(keyOf(one))?.size === pools.size);
}

function keyOf({ code, policyId, ruleId, dimension }: Refusal): string {
  return [code, policyId, ruleId, dimension].join("|");
}

function asViolation(found: Refusal): Violation {
  const { code, policyId, ruleId, message, dimension, limit, used, held, missing } = found;
  const figures = { dimension, limit, used, held };
  return {
    policyId: policyId ?? "placement",
    policyVersion: 0,
    ruleId: ruleId ?? code,
    severity: "deny",
    basis: [],
    message,
    actual: policyId === null ? figures : found.actual,
    required: policyId === null ? { dimension, missing } : found.required,
  };
}
