import {
  capacityOf,
  entriesOf,
  RATIO_UNIT,
  type ResourceClass,
  type ResourceVector,
} from "../kernel/quantity.ts";
import { countsUntil } from "../quota/counts-until.ts";
import type { PoolRoom } from "../quota/hold-refusal.ts";
import { tightest } from "../quota/pool-calendar.ts";
import type { SnapshotInventory, SnapshotPool } from "./snapshot.ts";

/** A pool that does not offer a class has none of it. */
const NONE: SnapshotInventory = {
  total: 0,
  reserved: 0,
  allocationRatioMilli: RATIO_UNIT,
  minUnit: 1,
  maxUnit: Number.MAX_SAFE_INTEGER,
  stepSize: 1,
  used: 0,
  held: 0,
};

export function inventoryOf(pool: SnapshotPool, resourceClass: ResourceClass): SnapshotInventory {
  return pool.inventories[resourceClass] ?? NONE;
}

export function capacityIn({ total, reserved, allocationRatioMilli }: SnapshotInventory): number {
  // Most classes are not overcommitted, and the exact product is the dearest step of a decision.
  if (allocationRatioMilli === RATIO_UNIT) return total - reserved;
  return capacityOf(total, reserved, allocationRatioMilli);
}

/** What is neither used nor held; negative where a pool shrank under what it carries. */
export function freeIn(inventory: SnapshotInventory): number {
  return capacityIn(inventory) - inventory.used - inventory.held;
}

/** The figures that a refusal is made of. */
export function roomIn(inventory: SnapshotInventory): PoolRoom {
  const { used, held, frozen = false, promises } = inventory;
  return { capacity: capacityIn(inventory), used, held, frozen, outlook: promises?.outlook ?? [] };
}

/** What may still grow for a term that ends on a day. */
export function freeUntil(inventory: SnapshotInventory, termEnd: string): number {
  if (inventory.frozen) return 0;
  const now = freeIn(inventory);
  const { promises } = inventory;
  if (promises === undefined) return now;
  const until = countsUntil(termEnd, promises.retentionDays);
  return Math.min(now, tightest(promises.outlook, "", until)?.free ?? now);
}

/** Smallest `reserved / total` over the classes of a part, in whole per cent, rounded down. */
export function reservePercent(pool: SnapshotPool, amounts: ResourceVector): number {
  let least = 100;
  for (const [resourceClass] of entriesOf(amounts)) {
    const { total, reserved } = inventoryOf(pool, resourceClass);
    // A class the pool lacks keeps nothing back; that it lacks it is the capacity filter's business.
    if (total > 0) least = Math.min(least, Math.floor((reserved * 100) / total));
  }
  return least;
}
