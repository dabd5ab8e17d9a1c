import type { PartRole } from "../placement/demand.ts";
import type { Refusal } from "../placement/refusal.ts";
import type { Violation as PolicyViolation } from "../policy/evaluate.ts";
import type { PolicyBasis } from "../policy/schema.ts";
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
    ...(found.exemption === null ? {} : { exemption: found.exemption }),
  };
}

/** A pool in which a part of the request could have been, had nothing stood in the way. */
export interface Seat {
  readonly role: PartRole;
  readonly cloudId: string;
  readonly poolId: string;
}

/** What a refusal does not say of the policy behind it. */
interface Source {
  readonly version: number;
  readonly basis: readonly PolicyBasis[];
}

/** Clouds that were never in the running say nothing about why a request fits nowhere. */
const NEVER_IN_THE_RUNNING: ReadonlySet<string> = new Set(["cloud.not_eligible", "cloud.not_requested"]);

/** A pool of another zone or architecture was not asked for, so what else it lacks is beside the point. */
const NOT_ASKED_FOR: ReadonlySet<string> = new Set(["zone.unavailable", "architecture.mismatch"]);

/**
 * Why a request fits nowhere: the reasons that stand in the way in every seat of some cloud that was asked
 * for. Where each seat has reasons of its own, all of them.
 */
export function blockingViolations(
  refusals: readonly Refusal[],
  seats: readonly Seat[],
  sourceOf: (policyId: string) => Source | undefined,
): Violation[] {
  const running = refusals.filter(({ code }) => !NEVER_IN_THE_RUNNING.has(code));
  const unasked = new Set(running.filter(({ code }) => NOT_ASKED_FOR.has(code)).map(seatOf));
  const asked = running.filter((one) => one.poolId === null || !unasked.has(seatOf(one)));
  const relevant = asked.length > 0 ? asked : running.length > 0 ? running : refusals;
  const open = asked.length > 0 ? seats.filter((seat) => !unasked.has(seatOf(seat))) : seats;
  const seatsOn = grouped(open, sideOf);
  const blocking = [...grouped(relevant, sideOf)].flatMap(([side, here]) =>
    blockingOn(here, new Set(seatsOn.get(side)?.map(({ poolId }) => poolId))),
  );
  // A part beside the primary says something only where it found no place at all.
  const homeless = new Set(relevant.filter(({ code }) => UNPLACEABLE.has(code)).map(({ role }) => role));
  const telling = blocking.filter(({ role }) => role === "primary" || homeless.has(role));
  const reasons = telling.length > 0 ? telling : relevant;
  const firsts = new Map(reasons.toReversed().map((one) => [keyOf(one), one]));
  return [...firsts.values()]
    .reverse()
    .map((one) => asViolation(one, one.policyId === null ? undefined : sourceOf(one.policyId)));
}

function grouped<Item>(items: readonly Item[], groupOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const known = groups.get(groupOf(item));
    if (known === undefined) groups.set(groupOf(item), [item]);
    else known.push(item);
  }
  return groups;
}

const UNPLACEABLE: ReadonlySet<string> = new Set(["edge.unplaceable", "recovery.unplaceable"]);

function seatOf({ role, poolId }: { role: PartRole; poolId: string | null }): string {
  return `${role}|${poolId}`;
}

function sideOf({ role, cloudId }: { role: PartRole; cloudId: string }): string {
  return `${role}|${cloudId}`;
}

/** Of one part on one cloud: reasons of the whole cloud and those that all seats share, or else all. */
function blockingOn(refusals: readonly Refusal[], seats: ReadonlySet<string>): readonly Refusal[] {
  const refused = new Map<string, Set<string>>();
  const anyReason = new Set<string>();
  const keys = refusals.map((one) => (one.poolId === null ? null : keyOf(one)));
  for (const [at, { poolId }] of refusals.entries()) {
    const key = keys[at] ?? null;
    if (key === null || poolId === null || !seats.has(poolId)) continue;
    anyReason.add(poolId);
    const known = refused.get(key);
    if (known === undefined) refused.set(key, new Set([poolId]));
    else known.add(poolId);
  }
  const everySeat = (pools: ReadonlySet<string> | undefined) => seats.size > 0 && pools?.size === seats.size;
  const common = refusals.filter((_, at) => {
    const key = keys[at] ?? null;
    return key === null || everySeat(refused.get(key));
  });
  if (common.length > 0) return common;
  return seats.size === 0 || everySeat(anyReason) ? refusals : [];
}

/** Messages of policies name no pool, and tell the validations of one rule apart. */
function keyOf({ code, policyId, ruleId, dimension, message }: Refusal): string {
  return [code, policyId, ruleId, dimension, policyId === null ? "" : message.en].join("|");
}

function asViolation(found: Refusal, source: Source | undefined): Violation {
  const { code, policyId, ruleId, message, dimension, limit, used, held, borrowed, missing, fitting } = found;
  const { level, nodeId, commitmentId, from } = found;
  // Where an amount is missing, the figures say more than the amount that was asked for.
  const shortage = policyId === null && missing !== null;
  return {
    policyId: policyId ?? "placement",
    policyVersion: source?.version ?? 0,
    ruleId: ruleId ?? code,
    severity: "deny",
    basis: source?.basis ?? [],
    message,
    actual: shortage ? { level, nodeId, dimension, limit, used, held, borrowed } : found.actual,
    required: shortage ? { dimension, missing, fitting, commitmentId, from } : found.required,
  };
}
