import { expect, test } from "vitest";
import { CORE, GIB, nanosOf, sumOf, wholeDown, wholeExactly, wholeUp } from "./quantity.ts";

test.each([
  ["1", 1_000_000_000n],
  ["1500m", 1_500_000_000n],
  ["0.1", 100_000_000n],
  [".5", 500_000_000n],
  ["1.", 1_000_000_000n],
  ["250u", 250_000n],
  ["1n", 1n],
  ["0.1n", 1n],
  ["1k", 10n ** 12n],
  ["1E", 10n ** 27n],
  ["1e3", 10n ** 12n],
  ["1E3", 10n ** 12n],
  ["12e-3", 12_000_000n],
  ["1Ki", 1024n * 10n ** 9n],
  ["0.5Gi", 2n ** 29n * 10n ** 9n],
  ["-2", -2_000_000_000n],
  ["0", 0n],
])("%s is %d billionths", (text, nanos) => {
  expect(nanosOf(text)).toBe(nanos);
});

test.each(["", "Gi", "1 Gi", "1gi", "1KiB", "one", "1e", "0x1", "1.2.3"])("%j is no quantity", (text) => {
  expect(() => nanosOf(text)).toThrow(RangeError);
});

test("a G is not a Gi", () => {
  expect(wholeExactly(nanosOf("8Gi"), GIB)).toBe(8);
  expect(wholeExactly(nanosOf("8G"), GIB)).toBeNull();
  expect(wholeDown(nanosOf("8G"), GIB)).toBe(7);
  expect(wholeUp(nanosOf("8G"), GIB)).toBe(8);
});

test("an odd millicore is neither lost nor invented", () => {
  expect(wholeDown(nanosOf("7999m"), CORE)).toBe(7);
  expect(wholeUp(nanosOf("7001m"), CORE)).toBe(8);
  expect(wholeExactly(nanosOf("8000m"), CORE)).toBe(8);
  expect(wholeExactly(nanosOf("8001m"), CORE)).toBeNull();
});

test("ten tenths are one, and memory beyond 2^53 bytes stays exact", () => {
  expect(sumOf(Array.from({ length: 10 }, () => "0.1"))).toBe(CORE);
  expect(sumOf(["16Ei", "1", undefined]) - nanosOf("16Ei")).toBe(CORE);
});
