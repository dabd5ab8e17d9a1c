import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, digest, digestOf } from "./hash.ts";

describe("canonical JSON", () => {
  it("sorts keys by UTF-16 units at every depth and keeps the order of lists", () => {
    expect(canonicalJson({ b: [2, 1], a: { "10": 1, "9": 2 }, é: 1, "€": 2 })).toBe(
      '{"a":{"10":1,"9":2},"b":[2,1],"é":1,"€":2}',
    );
  });

  it("writes numbers and texts in their one form (RFC 8785)", () => {
    expect(canonicalJson([1.0, -0, 1e21, 0.000001, "\u20ac\n\u0001/"])).toBe(
      '[1,0,1e+21,0.000001,"€\\n\\u0001/"]',
    );
  });

  it("leaves out what is undefined, so that an optional field may be absent or undefined", () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
  });

  it("refuses what has no JSON form instead of hashing something else", () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, cycle, "\ud800"]) {
      expect(() => canonicalJson(value)).toThrow();
    }
  });

  it("is read back as the same value, which has the same canonical form", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

describe("digests", () => {
  it("are those of the standards' own examples (FIPS 180-4, GB/T 32905-2016)", () => {
    expect(digest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(digest("abc", "sm3")).toBe("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  });

  it("are over UTF-8", () => {
    expect(digest("云")).toBe(digest(Buffer.from([0xe4, 0xba, 0x91]).toString("utf8")));
    expect(digest("云")).not.toBe(digest("?"));
  });

  it("do not depend on the order of keys, but on every value", () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf({ a: 1, b: 2 })).not.toBe(digestOf({ a: 1, b: "2" }));
    expect(digestOf({ a: 1 }, "sm3")).not.toBe(digestOf({ a: 1 }));
  });
});
