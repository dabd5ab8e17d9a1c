import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commonUnits, nearestAbove, nearestBelow } from "./units.ts";

const inventory = fc.record({
  minUnit: fc.integer({ min: 1, max: 20 }),
  maxUnit: fc.integer({ min: 1, max: 60 }),
  stepSize: fc.integer({ min: 1, max: 12 }),
});

describe("units", () => {
  it("find the nearest amounts that every inventory gives", () => {
    fc.assert(
      fc.property(fc.array(inventory, { minLength: 1, maxLength: 3 }), fc.nat(70), (inventories, value) => {
        const given = Array.from({ length: 60 }, (_, at) => at + 1).filter((amount) =>
          inventories.every(
            ({ minUnit, maxUnit, stepSize }) =>
              amount >= minUnit && amount <= maxUnit && amount % stepSize === 0,
          ),
        );
        const range = commonUnits(inventories);
        expect(nearestBelow(range, value)).toBe(given.findLast((amount) => amount <= value) ?? null);
        expect(nearestAbove(range, value)).toBe(given.find((amount) => amount >= value) ?? null);
      }),
    );
  });
});
