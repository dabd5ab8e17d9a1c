import { assertExact } from "../kernel/quantity.ts";
import type { SnapshotInventory } from "./snapshot.ts";

type Granularity = Pick<SnapshotInventory, "minUnit" | "maxUnit" | "stepSize">;

/** What one part may get of a class: `first`, `first + step`, … up to `last`; nothing where `first > last`. */
export interface UnitRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}

function upTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}

function from(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** The amounts above 0 that every one of the inventories can give. */
export function commonUnits(inventories: readonly Granularity[]): UnitRange {
  let step = 1;
  let first = 1;
  let last = Number.MAX_SAFE_INTEGER;
  for (const { minUnit, maxUnit, stepSize } of inventories) {
    step = assertExact((step / greatestCommonDivisor(step, stepSize)) * stepSize);
    first = Math.max(first, minUnit);
    last = Math.min(last, maxUnit);
  }
  return { first: from(first, step), last: upTo(last, step), step };
}

/** The greatest amount of the range that is not above `value`; null where there is none. */
export function nearestBelow({ first, last, step }: UnitRange, value: number): number | null {
  const amount = upTo(Math.min(value, last), step);
  return amount >= first ? amount : null;
}

/** The least amount of the range that is not below `value`; null where there is none. */
export function nearestAbove({ first, last, step }: UnitRange, value: number): number | null {
  const amount = from(Math.max(value, first), step);
  return amount <= last ? amount : null;
}
