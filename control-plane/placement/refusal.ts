import type { CloudId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { Text } from "../kernel/text.ts";
import type { QuotaLevel } from "../quota/tree.ts";
import { PART_ROLES, type PartRole } from "./demand.ts";

/** Why a pool or a cloud was not taken. Permanent: add at the end, never rename, never reuse. */
export type RefusalCode =
  | "cloud.not_eligible"
  | "cloud.not_requested"
  | "cloud.suspended"
  | "cloud.stale"
  | "pool.suspended"
  | "zone.unavailable"
  | "architecture.mismatch"
  | "architecture.not_xinchuang"
  | "trait.forbidden"
  | "unit.below_min"
  | "unit.above_max"
  | "unit.out_of_step"
  | "capacity.insufficient"
  | "quota.no_node"
  | "quota.exceeded"
  | "policy.denied"
  | "edge.unplaceable"
  | "recovery.unplaceable"
  | "part.not_in_place";

export interface Refusal {
  readonly cloudId: CloudId;
  /** Null where the reason concerns the whole cloud. */
  readonly poolId: PoolId | null;
  readonly role: PartRole;
  readonly code: RefusalCode;
  readonly dimension: ResourceClass | null;
  /** Pool capacity, quota limit, or the unit bound that was not kept. */
  readonly limit: number | null;
  readonly used: number | null;
  /** Held in the pool. Quota counts holds as usage, so it is 0 there. */
  readonly held: number | null;
  readonly missing: number | null;
  readonly policyId: string | null;
  readonly ruleId: string | null;
  /** Quota: the level and node whose limit binds. */
  readonly level: QuotaLevel | null;
  readonly nodeId: QuotaNodeId | null;
  readonly actual: unknown;
  readonly required: unknown;
  readonly message: Text;
}

export interface Place {
  readonly cloudId: CloudId;
  readonly poolId: PoolId | null;
  readonly role: PartRole;
}

type Figures = Omit<Refusal, keyof Place | "code" | "message">;

/** Shared by every filter that has nothing to say. */
export const NO_REFUSALS: readonly Refusal[] = [];

/** Every field is spelled out: spreading defaults was most of the time of a decision on 400 pools. */
export function refusal(
  { cloudId, poolId, role }: Place,
  code: RefusalCode,
  message: Text,
  figures: Partial<Figures> = {},
): Refusal {
  return {
    cloudId,
    poolId,
    role,
    code,
    dimension: figures.dimension ?? null,
    limit: figures.limit ?? null,
    used: figures.used ?? null,
    held: figures.held ?? null,
    missing: figures.missing ?? null,
    policyId: figures.policyId ?? null,
    ruleId: figures.ruleId ?? null,
    level: figures.level ?? null,
    nodeId: figures.nodeId ?? null,
    actual: figures.actual ?? null,
    required: figures.required ?? null,
    message,
  };
}

/** By code unit, not by locale, so that every machine sorts alike. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Clouds that were never in the running come last. */
function outOfTheRunning({ code }: Refusal): number {
  return code === "cloud.not_eligible" || code === "cloud.not_requested" ? 1 : 0;
}

function compareRefusals(left: Refusal, right: Refusal): number {
  return (
    outOfTheRunning(left) - outOfTheRunning(right) ||
    compareText(left.cloudId, right.cloudId) ||
    PART_ROLES.indexOf(left.role) - PART_ROLES.indexOf(right.role) ||
    compareText(left.poolId ?? "", right.poolId ?? "") ||
    compareText(left.code, right.code) ||
    compareText(left.dimension ?? "", right.dimension ?? "") ||
    compareText(left.ruleId ?? "", right.ruleId ?? "")
  );
}

function keyOf({ cloudId, poolId, role, code, dimension, policyId, ruleId, message }: Refusal): string {
  return [cloudId, poolId, role, code, dimension, policyId, ruleId, message.en].join("\u0000");
}

/** In one order, and each reason once: a recovery pool is examined for every cloud that may pair with it. */
export function arranged(refusals: readonly Refusal[]): Refusal[] {
  const byKey = new Map<string, Refusal>();
  for (const entry of refusals) byKey.set(keyOf(entry), entry);
  return [...byKey.values()].sort(compareRefusals);
}

/**
 * Turns a denial that the primary got in the same words in every one of several pools of a cloud into one of
 * the cloud. A lone pool keeps its own: one case does not tell what it lies in.
 */
export function collapsed(refusals: readonly Refusal[], poolCount: number): Refusal[] {
  const groupOf = (entry: Refusal): string | null => {
    if (entry.code !== "policy.denied" || entry.role !== "primary") return null;
    return keyOf({ ...entry, poolId: null }) + JSON.stringify([entry.actual, entry.required]);
  };
  const groups = new Map<string | null, Set<PoolId | null>>();
  for (const entry of refusals) {
    const group = groupOf(entry);
    const pools = groups.get(group) ?? new Set();
    groups.set(group, pools.add(entry.poolId));
  }
  return refusals.map((entry) => {
    const group = groupOf(entry);
    const concernsAll = group !== null && poolCount > 1 && groups.get(group)?.size === poolCount;
    return concernsAll ? { ...entry, poolId: null } : entry;
  });
}
