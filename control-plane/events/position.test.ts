import { describe, expect, it } from "vitest";
import { comparePositions, formatPosition, isAfter, parsePosition } from "./position.ts";

const at = (transactionId: bigint, id: bigint) => ({ transactionId, id });

describe("the order of events", () => {
  it("is that of transactions, so that a row of an old transaction that commits late has a fixed place", () => {
    // Transaction 8 began first but wrote its row after transaction 9 had written two.
    const rows = [at(9n, 1n), at(9n, 2n), at(8n, 3n)];
    expect(rows.toSorted(comparePositions)).toEqual([at(8n, 3n), at(9n, 1n), at(9n, 2n)]);
    expect(isAfter(at(9n, 1n), at(9n, 1n))).toBe(false);
  });

  it("compares numbers, not their text", () => {
    expect(isAfter(at(10n, 1n), at(9n, 1n))).toBe(true);
    expect(isAfter(at(2n ** 60n + 1n, 0n), at(2n ** 60n, 5n))).toBe(true);
  });
});

describe("ids of events", () => {
  it("are read back as they were written", () => {
    const position = at(2n ** 64n - 1n, 2n ** 63n - 1n);
    expect(parsePosition(formatPosition(position))).toEqual(position);
  });

  it.each(["", "7", "7-", "-7", "a-1", "7-8-9", "18446744073709551616-1", "1-9223372036854775808", "7-8'--"])(
    "%j is none",
    (text) => {
      expect(() => parsePosition(text)).toThrow("http.invalid_cursor");
    },
  );
});
