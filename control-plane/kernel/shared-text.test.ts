import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completed, referencesIn, shareable, sharedTextOf } from "./shared-text.ts";

const lists = fc.array(fc.jsonValue());

function textsOf(...shared: readonly object[]): Map<string, string> {
  return new Map(
    shared.flatMap((list) => {
      const text = sharedTextOf(list);
      return text === null ? [] : [[text.digest, text.text]];
    }),
  );
}

describe("text that is kept once", () => {
  test("any JSON that refers to lists is, completed, what it would have been with them in it", () => {
    fc.assert(
      fc.property(lists, lists, fc.jsonValue(), (one, other, rest) => {
        const [first, second] = [shareable(one), shareable(other)];
        const json = JSON.stringify({ first, deep: [{ second }, first], rest });
        expect(referencesIn(json).length).toBeGreaterThan(0);
        expect(completed(json, textsOf(first, second))).toBe(
          JSON.stringify({ first: one, deep: [{ second: other }, one], rest }),
        );
      }),
    );
  });

  test("what a caller writes inside a string is no reference", () => {
    const reference = JSON.stringify(shareable(["something else"]));
    const json = JSON.stringify({ purpose: reference, nested: JSON.stringify({ reference }) });
    expect(referencesIn(json)).toEqual([]);
    expect(completed(json, new Map())).toBe(json);
  });

  test("a text that is missing is an error, not a gap", () => {
    expect(() => completed(JSON.stringify(shareable([1])), new Map())).toThrow("no shared text");
  });
});
