import type { ResourceClass } from "../../kernel/quantity.ts";
import type { Text } from "../../kernel/text.ts";
import type { Part } from "../demand.ts";
import { inventoryOf } from "../inventory.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotInventory, SnapshotPool } from "../snapshot.ts";
import { commonUnits, nearestAbove, nearestBelow } from "../units.ts";

/** Whether `units` has nothing to say, without wording it. */
export function keepsUnits(part: Part, pool: SnapshotPool): boolean {
  return part.changed.every(([dimension, amount]) => isWithin(inventoryOf(pool, dimension), amount));
}

function isWithin({ minUnit, maxUnit, stepSize }: SnapshotInventory, amount: number): boolean {
  return amount >= minUnit && amount <= maxUnit && amount % stepSize === 0;
}

/** `minUnit`, `maxUnit` and `stepSize` for every amount that is new; what is there already stays as it is. */
export function units(part: Part, pool: SnapshotPool): readonly Refusal[] {
  let refusals: Refusal[] | null = null;
  for (const [dimension, amount] of part.changed) {
    const inventory = inventoryOf(pool, dimension);
    const { minUnit, maxUnit, stepSize } = inventory;
    if (isWithin(inventory, amount)) continue;
    const place = { cloudId: pool.cloudId, poolId: pool.id, role: part.role };
    const range = commonUnits([inventory]);
    const nearest = [nearestBelow(range, amount), nearestAbove(range, amount)].filter((at) => at !== null);
    const message = describe(pool, dimension, amount, nearest);
    const figures = { dimension, actual: amount, required: nearest };
    refusals ??= [];
    if (amount < minUnit) {
      const missing = minUnit - amount;
      refusals.push(refusal(place, "unit.below_min", message, { ...figures, limit: minUnit, missing }));
    }
    if (amount > maxUnit) {
      const missing = amount - maxUnit;
      refusals.push(refusal(place, "unit.above_max", message, { ...figures, limit: maxUnit, missing }));
    }
    if (amount % stepSize !== 0) {
      const missing = stepSize - (amount % stepSize);
      refusals.push(refusal(place, "unit.out_of_step", message, { ...figures, limit: stepSize, missing }));
    }
  }
  return refusals ?? NO_REFUSALS;
}

function describe(
  pool: SnapshotPool,
  dimension: ResourceClass,
  amount: number,
  nearest: readonly number[],
): Text {
  const offered = [...new Set(nearest)];
  if (offered.length === 0) {
    return {
      zh: `资源池“${pool.name.zh}”没有可分配的 ${dimension} 数量`,
      en: `Pool ${pool.name.en} can give no amount of ${dimension} at all`,
    };
  }
  return {
    zh: `资源池“${pool.name.zh}”不能分配 ${amount} ${dimension}，最接近的可选值是 ${offered.join(" 或 ")}`,
    en: `Pool ${pool.name.en} cannot give ${amount} ${dimension}; nearest is ${offered.join(" or ")}`,
  };
}
