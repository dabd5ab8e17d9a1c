import { z } from "zod";
import { capacityOf, QuantityError } from "../kernel/quantity.ts";
import { quantity, ratioMilli, reason } from "./fields.ts";

/** OpenStack Placement's inventory: capacity is `(total - reserved) * allocationRatio`, rounded down. */
export const inventory = z
  .strictObject({
    total: quantity,
    reserved: quantity,
    minUnit: z.int().min(1),
    maxUnit: z.int().min(1),
    stepSize: z.int().min(1),
    allocationRatio: ratioMilli,
  })
  .refine((row) => row.reserved <= row.total, {
    path: ["reserved"],
    ...reason("预留量不得大于总量", "reserved may not exceed total"),
  })
  .refine((row) => row.minUnit <= row.maxUnit, {
    path: ["minUnit"],
    ...reason("最小单位不得大于最大单位", "minUnit may not exceed maxUnit"),
  })
  .refine((row) => hasExactCapacity(row), {
    path: ["total"],
    ...reason("可用容量超过 2^53-1，无法精确表示", "the capacity exceeds 2^53-1 and would not be exact"),
  })
  .transform(({ allocationRatio, ...row }) => ({ ...row, allocationRatioMilli: allocationRatio }));

/** Also called for rows that another rule has refused already; those are left to that rule. */
function hasExactCapacity(row: { total: number; reserved: number; allocationRatio: number }): boolean {
  if (
    row.reserved > row.total ||
    ![row.total, row.reserved, row.allocationRatio].every(Number.isSafeInteger)
  ) {
    return true;
  }
  try {
    capacityOf(row.total, row.reserved, row.allocationRatio);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

/**
 * Kueue's cohort figures. `borrowingLimit` null borrows without limit, `lendingLimit` null lends everything.
 * A class that a node does not list is nominal 0, borrowing 0: the node has none and gets none.
 */
export const quotaLimit = z.strictObject({
  nominal: quantity,
  borrowingLimit: quantity.nullable(),
  lendingLimit: quantity.nullable(),
});
