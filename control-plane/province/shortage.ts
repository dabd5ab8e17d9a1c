import type { CloudId, PoolId } from "../kernel/ids.ts";
import { capacityOf } from "../kernel/quantity.ts";
import { type Excess, excessOfPool, type PoolStock } from "../over-limits/excess.ts";
import type { PoolDocument } from "./documents.ts";
import type { Change } from "./plan.ts";

/** An inventory of which something is used, held or promised. */
export interface TakenStock extends PoolStock {
  readonly cloudId: CloudId;
}

export interface Shortages {
  /** The inventories that a plan lowers below what is taken of them: somebody has to choose what is to happen. */
  readonly lowered: readonly Excess[];
  /** Of a class that is left out altogether nothing can be used: no choice helps. */
  readonly dropped: readonly Excess[];
}

export function shortagesOf(
  changes: readonly Change[],
  taken: readonly TakenStock[],
  today: string,
): Shortages {
  const pools = new Map<string, PoolDocument | null>();
  for (const change of changes) {
    if (change.action === "delete") {
      if (change.kind === "Pool") pools.set(change.id, null);
    } else if (change.after.kind === "Pool") pools.set(change.id, change.after);
  }
  const lowered: Excess[] = [];
  const dropped: Excess[] = [];
  for (const stock of taken) {
    const pool = pools.get(stock.poolId);
    if (pool === undefined) continue;
    const row = pool?.spec.inventories[stock.resourceClass];
    const capacity = row === undefined ? 0 : capacityOf(row.total, row.reserved, row.allocationRatioMilli);
    const known = excessOfPool(stock, today)?.missing ?? 0;
    const excess = excessOfPool({ ...stock, capacity }, today);
    if (excess === null || (row !== undefined && excess.missing <= known)) continue;
    (row === undefined ? dropped : lowered).push(excess);
  }
  return { lowered, dropped };
}

export function cloudOf(taken: readonly TakenStock[], poolId: PoolId | null): CloudId | null {
  return taken.find((stock) => stock.poolId === poolId)?.cloudId ?? null;
}
