import type { CommitmentId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { QuotaExcess } from "../quota/excess.ts";
import { outlookOf, type PoolCalendar, tightest } from "../quota/pool-calendar.ts";

/** Who is over, and by how much: a quota node or a pool, for one class. */
export interface Excess {
  readonly nodeId: QuotaNodeId | null;
  readonly poolId: PoolId | null;
  readonly level: string;
  readonly dimension: ResourceClass;
  readonly limit: number;
  readonly used: number;
  readonly held: number;
  /** What has to go. */
  readonly missing: number;
  /** Where not usage but a promise would have no room any more: the commitment, and from which day. */
  readonly commitmentId: CommitmentId | null;
  readonly from: string | null;
}

/** `heldThere` is what is held at the node and below it; quota counts it like what is claimed. */
export function excessOfNode(
  { nodeId, level, dimension, limit, used, missing }: QuotaExcess,
  heldThere: number,
): Excess {
  const held = Math.min(used, heldThere);
  const nobody = { poolId: null, commitmentId: null, from: null };
  return { ...nobody, nodeId, level, dimension, limit, used: used - held, held, missing };
}

/** A pool's figures of one class, with a capacity that is or would be. */
export interface PoolStock {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
  readonly capacity: number;
  readonly used: number;
  readonly held: number;
  readonly calendar: PoolCalendar;
}

/** Null where all that is claimed, held and promised has room, on every day from today on. */
export function excessOfPool(stock: PoolStock, today: string): Excess | null {
  const { poolId, resourceClass: dimension, capacity, used, held, calendar } = stock;
  const now = used + held - capacity;
  const tight = tightest(outlookOf(calendar, capacity, null, today), today, null);
  const missing = Math.max(now, -(tight?.free ?? 0));
  if (missing <= 0) return null;
  const promise = tight !== null && tight.commitmentId !== null && -tight.free > now ? tight : null;
  const place = { nodeId: null, poolId, level: "pool", dimension, limit: capacity, used, held, missing };
  return { ...place, commitmentId: promise?.commitmentId ?? null, from: promise?.day ?? null };
}

export function keyOf({ nodeId, poolId, dimension }: Pick<Excess, "nodeId" | "poolId" | "dimension">) {
  return `${nodeId ?? ""} ${poolId ?? ""} ${dimension}`;
}
