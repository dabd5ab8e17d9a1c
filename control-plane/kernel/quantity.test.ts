import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  assertExact,
  capacityOf,
  entriesOf,
  growth,
  isEmpty,
  negate,
  omit,
  pick,
  QuantityError,
  RATIO_UNIT,
  RESOURCE_CLASSES,
  type ResourceVector,
  shrinkage,
  subtract,
  vectorOf,
} from "./quantity.ts";

const amount = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
const anyVector: fc.Arbitrary<ResourceVector> = fc
  .array(fc.tuple(fc.constantFrom(...RESOURCE_CLASSES), amount), { maxLength: 4 })
  .map(vectorOf);
const classes = fc.subarray([...RESOURCE_CLASSES]);

/** Vectors are equal when they hold the same quantities; an absent class is zero. */
const expectSame = (left: ResourceVector, right: ResourceVector) =>
  expect(entriesOf(left)).toEqual(entriesOf(right));

describe("exactness", () => {
  it("ends at 2^53 - 1, in both directions", () => {
    expect(assertExact(2 ** 53 - 1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(assertExact(-(2 ** 53 - 1))).toBe(Number.MIN_SAFE_INTEGER);
    for (const value of [2 ** 53, -(2 ** 53), 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => assertExact(value)).toThrow(QuantityError);
    }
  });

  it("is checked for sums, not only for terms", () => {
    const large = { VCPU: Number.MAX_SAFE_INTEGER };
    expect(() => add(large, { VCPU: 1 })).toThrow(QuantityError);
    expectSame(add(large, { VCPU: -1 }), { VCPU: 2 ** 53 - 2 });
    expect(() => add({ VCPU: 1.5 }, {})).toThrow(QuantityError);
  });
});

describe("vectors", () => {
  it("list their classes in lock order, without zeros", () => {
    expect(entriesOf({ GPU: 1, MEMORY_GIB: 0, VCPU: 2, PUBLIC_IPV4: -3 })).toEqual([
      ["VCPU", 2],
      ["PUBLIC_IPV4", -3],
      ["GPU", 1],
    ]);
  });

  it("sum repeated classes", () => {
    expectSame(
      vectorOf([
        ["VCPU", 2],
        ["GPU", 1],
        ["VCPU", 3],
      ]),
      { VCPU: 5, GPU: 1 },
    );
  });

  it("form a group under addition", () => {
    fc.assert(
      fc.property(anyVector, anyVector, anyVector, (a, b, c) => {
        expectSame(add(a, b), add(b, a));
        expectSame(add(add(a, b), c), add(a, add(b, c)));
        expectSame(subtract(add(a, b), b), a);
        expect(isEmpty(add(a, negate(a)))).toBe(true);
      }),
    );
  });

  it("are the sum of their growth and their shrinkage", () => {
    fc.assert(
      fc.property(anyVector, (vector) => {
        expectSame(add(growth(vector), shrinkage(vector)), vector);
        expect(entriesOf(growth(vector)).every(([, value]) => value > 0)).toBe(true);
        expect(entriesOf(shrinkage(vector)).every(([, value]) => value < 0)).toBe(true);
      }),
    );
  });

  it("are the sum of what is picked and what is omitted", () => {
    fc.assert(
      fc.property(anyVector, classes, (vector, chosen) => {
        expectSame(add(pick(vector, chosen), omit(vector, chosen)), vector);
        expect(entriesOf(pick(vector, chosen)).every(([name]) => chosen.includes(name))).toBe(true);
      }),
    );
  });

  it("are empty when every quantity is zero", () => {
    expect(isEmpty({ VCPU: 0 })).toBe(true);
    expect(isEmpty({ VCPU: 0, GPU: -1 })).toBe(false);
  });
});

describe("capacity", () => {
  it("is what is not reserved, times the ratio, rounded down", () => {
    expect(capacityOf(100, 20, RATIO_UNIT)).toBe(80);
    expect(capacityOf(101, 0, 1500)).toBe(151);
    expect(capacityOf(7, 0, 333)).toBe(2);
    expect(capacityOf(10, 10, 4000)).toBe(0);
  });

  it("is exact where a floating-point product is not", () => {
    expect(capacityOf(100, 0, 1150)).toBe(115);
    expect(capacityOf(9_007_199_254_740, 1, 1001)).toBe(9_016_206_453_993);
    expect(() => capacityOf(Number.MAX_SAFE_INTEGER, 0, 2000)).toThrow(QuantityError);
  });

  it("never promises more than the ratio gives, nor a whole unit less", () => {
    fc.assert(
      fc.property(
        fc.nat(10 ** 9),
        fc.nat(10 ** 9),
        fc.integer({ min: 1, max: 64_000 }),
        (free, reserved, ratio) => {
          const scaled = BigInt(capacityOf(free + reserved, reserved, ratio)) * BigInt(RATIO_UNIT);
          const exact = BigInt(free) * BigInt(ratio);
          expect(scaled <= exact && exact - scaled < BigInt(RATIO_UNIT)).toBe(true);
        },
      ),
    );
  });
});
