import type { PoolId } from "../kernel/ids.ts";
import { capacityOf, type ResourceClass } from "../kernel/quantity.ts";
import type { PoolDocument } from "./documents.ts";
import type { Change } from "./plan.ts";

/** An inventory of which something is used or held. */
export interface TakenStock {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
  readonly capacity: number;
  readonly used: number;
  readonly held: number;
}

/** A pool that would have less of one class than is taken of it. */
export interface StockShortage {
  readonly poolId: PoolId;
  readonly dimension: ResourceClass;
  readonly limit: number;
  readonly used: number;
  readonly held: number;
  readonly missing: number;
}

/** The inventories that a plan lowers below what is taken; a class that is left out has a capacity of 0. */
export function shortagesOf(changes: readonly Change[], taken: readonly TakenStock[]): StockShortage[] {
  const pools = new Map<string, PoolDocument | null>();
  for (const change of changes) {
    if (change.action === "delete") {
      if (change.kind === "Pool") pools.set(change.id, null);
    } else if (change.after.kind === "Pool") pools.set(change.id, change.after);
  }
  return taken.flatMap(({ poolId, resourceClass: dimension, capacity, used, held }) => {
    const pool = pools.get(poolId);
    if (pool === undefined) return [];
    const row = pool?.spec.inventories[dimension];
    const limit = row === undefined ? 0 : capacityOf(row.total, row.reserved, row.allocationRatioMilli);
    const missing = used + held - limit;
    return missing > 0 && limit < capacity ? [{ poolId, dimension, limit, used, held, missing }] : [];
  });
}
