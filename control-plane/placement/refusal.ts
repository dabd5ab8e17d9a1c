import type { CloudId, CommitmentId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
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
  | "part.not_in_place"
  | "quota.frozen"
  | "capacity.frozen"
  | "capacity.promised"
  | "cloud.outdated"
  | "cloud.unsupported";

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
  /** Of quota, the part of what the node counts that is held there or below it. */
  readonly held: number | null;
  /** Quota: what the node uses above its own. */
  readonly borrowed: number | null;
  readonly missing: number | null;
  /** The smallest change that fits this one limit: so much of the class instead. */
  readonly fitting: number | null;
  readonly policyId: string | null;
  readonly ruleId: string | null;
  /** Quota: the level and node whose limit binds. */
  readonly level: QuotaLevel | null;
  readonly nodeId: QuotaNodeId | null;
  /** The commitment in the way, and the day from which it is. */
  readonly commitmentId: CommitmentId | null;
  readonly from: string | null;
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
    borrowed: figures.borrowed ?? null,
    missing: figures.missing ?? null,
    fitting: figures.fitting ?? null,
    policyId: figures.policyId ?? null,
    ruleId: figures.ruleId ?? null,
    level: figures.level ?? null,
    nodeId: figures.nodeId ?? null,
    commitmentId: figures.commitmentId ?? null,
    from: figures.from ?? null,
    actual: figures.actual ?? null,
    required: figures.required ?? null,
    message,
  };
}

/** By code unit, not by locale, so that every machine sorts alike. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
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

/** In one order, and each reason once: a recovery pool is examined for every cloud that may pair with it. */
export function arranged(refusals: readonly Refusal[]): Refusal[] {
  const sorted = refusals.toSorted(compareRefusals);
  const kept: Refusal[] = [];
  // Reasons that are the same stand in one run of equals, which is nearly always of length one.
  let run = 0;
  for (const entry of sorted) {
    const first = kept[run];
    if (first === undefined || compareRefusals(first, entry) !== 0) run = kept.length;
    const same = kept.slice(run).findIndex((other) => isSameReason(other, entry));
    if (same < 0) kept.push(entry);
    else kept[run + same] = entry;
  }
  return kept;
}

/** Of two that compare as equal. */
function isSameReason(left: Refusal, right: Refusal): boolean {
  return left.policyId === right.policyId && left.message.en === right.message.en;
}

/**
 * Turns a denial that the primary got in the same words in every one of several pools of a cloud into one of
 * the cloud. A lone pool keeps its own: one case does not tell what it lies in.
 */
export function collapsed(refusals: readonly Refusal[], poolCount: number): readonly Refusal[] {
  if (poolCount <= 1) return refusals;
  const pools = new Map<string, Set<PoolId | null>>();
  const groups = refusals.map((entry) => {
    if (entry.code !== "policy.denied" || entry.role !== "primary") return null;
    const group = wordsOf(entry);
    const known = pools.get(group);
    if (known === undefined) pools.set(group, new Set([entry.poolId]));
    else known.add(entry.poolId);
    return group;
  });
  if (![...pools.values()].some(({ size }) => size === poolCount)) return refusals;
  return refusals.map((entry, at) => {
    const group = groups[at] ?? null;
    return group !== null && pools.get(group)?.size === poolCount ? { ...entry, poolId: null } : entry;
  });
}

/** What a denial says, wherever it says it. */
function wordsOf({ cloudId, dimension, policyId, ruleId, message, actual, required }: Refusal): string {
  return [cloudId, dimension, policyId, ruleId, message.en, textOf(actual), textOf(required)].join("\u0000");
}

/** Equal for equal values only; most are plain words and figures, which need no quoting to be told apart. */
function textOf(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
}
