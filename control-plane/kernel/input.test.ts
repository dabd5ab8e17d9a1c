import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  civilDate,
  instant,
  jurisdictionCode,
  line,
  madeId,
  paragraph,
  quantity,
  resources,
  slug,
} from "./input.ts";

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

/** Each looks like nothing, or makes the text around it look like something else. */
const DECEPTIVE = {
  "a null byte": "\u0000",
  "an escape": "\u001b",
  "a C1 control": "\u0085",
  "a soft hyphen": "\u00ad",
  "an Arabic letter mark": "\u061c",
  "a Hangul filler": "\u3164",
  "a Mongolian vowel separator": "\u180e",
  "a zero-width space": "\u200b",
  "a zero-width joiner": "\u200d",
  "a left-to-right mark": "\u200e",
  "a line separator": "\u2028",
  "a paragraph separator": "\u2029",
  "a bidirectional override": "\u202e",
  "a bidirectional isolate": "\u2066",
  "a word joiner": "\u2060",
  "a byte order mark": "\ufeff",
  "a variation selector": "\ufe0f",
  "an interlinear annotation": "\ufff9",
  "a noncharacter": "\uffff",
  "a tag character": "\u{e0041}",
  "a private-use character": "\ue000",
  "half a surrogate pair": "\ud83d",
};

describe("line", () => {
  it.each(Object.entries(DECEPTIVE))("refuses %s", (_, character) => {
    expect(accepts(line(20), `社保${character}系统`)).toBe(false);
    expect(accepts(paragraph(20), `社保${character}系统`)).toBe(false);
  });

  it.each(["省级社会保险信息系统", "𠮷野家门户", "Größe 3（试点）", "A·B／C－1", "O'Brien & Söhne <x>"])(
    "accepts %s as it is",
    (name) => {
      expect(line(40).parse(name)).toBe(name);
    },
  );

  it("normalises, so that two spellings of one name are one name", () => {
    expect(line(20).parse("  e\u0301tat ")).toBe("\u00e9tat");
  });

  it.each(["a\nb", "a\tb", "a\rb"])("refuses %j, which a paragraph may hold", (text) => {
    expect(accepts(line(20), text)).toBe(false);
    expect(paragraph(20).parse(text)).toBe(text);
  });

  it("refuses what is empty, blank or too long", () => {
    expect([accepts(line(3), ""), accepts(line(3), " \u3000 "), accepts(line(3), "abcd")]).toEqual([
      false,
      false,
      false,
    ]);
    expect(line(3).parse(" abc ")).toBe("abc");
  });

  it.each([1, null, ["a"], { zh: "a" }, true, undefined])("refuses %j, which is no text", (value) => {
    expect(accepts(line(20), value)).toBe(false);
  });

  it("gives only what it would take again", () => {
    assert(
      property(string({ unit: "binary", maxLength: 30 }), (text) => {
        const first = line(60).safeParse(text);
        if (first.success) expect(line(60).parse(first.data)).toBe(first.data);
      }),
    );
  });
});

describe("quantity", () => {
  it.each([0, 1, 1_000_000_000_000])("accepts %d", (value) => expect(accepts(quantity, value)).toBe(true));
  it.each([-1, 0.5, 2 ** 53, 1e30, Number.NaN, Number.POSITIVE_INFINITY, "8", null, true, 1_000_000_000_001])(
    "refuses %s",
    (value) => expect(accepts(quantity, value)).toBe(false),
  );
});

describe("resources", () => {
  it("takes known classes in whole units", () => {
    expect(resources.parse({ VCPU: 8, GPU: 0 })).toEqual({ VCPU: 8, GPU: 0 });
  });

  it.each([
    { vcpu: 8 },
    { VCPU: 8, FPGA: 1 },
    { VCPU: "8" },
    [8],
    null,
    JSON.parse('{"__proto__": {"VCPU": 8}, "VCPU": 1}'),
  ])("refuses %j", (value) => expect(accepts(resources, value)).toBe(false));
});

describe("ids, codes and dates", () => {
  it.each([
    [slug, "gd-hrss", true],
    [slug, "gd.main.gd-hrss", true],
    [slug, "-gd", false],
    [slug, "Gd", false],
    [slug, "gd'; DROP TABLE organizations; --", false],
    [slug, "../gd", false],
    [slug, "gd\n", false],
    [slug, "a".repeat(101), false],
    [madeId, "req_01980000-0000-7000-8000-000000000000", true],
    [madeId, "req_", false],
    [madeId, "REQ_01", false],
    [madeId, "req_01\n", false],
    [jurisdictionCode, "440100", true],
    [jurisdictionCode, 440100, false],
    [jurisdictionCode, "44010", false],
    [jurisdictionCode, "４４０１００", false],
    [civilDate, "2026-02-28", true],
    [civilDate, "2028-02-29", true],
    [civilDate, "2026-02-29", false],
    [civilDate, "2026-13-01", false],
    [civilDate, "0000-01-01", false],
    [civilDate, "9999-12-31", false],
    [civilDate, "2026-2-1", false],
    [civilDate, "2026-02-01T00:00:00Z", false],
    [instant, "2026-02-01T00:00:00Z", true],
    [instant, "2026-02-01T08:00:00+08:00", true],
    [instant, "2026-02-01T00:00:00", false],
    [instant, "2026-02-01", false],
    [instant, "0000-01-01T00:00:00Z", false],
    [instant, "9999-12-31T23:59:59-12:00", false],
  ])("%# %j", (schema, value, expected) => {
    expect(accepts(schema, value), String(value)).toBe(expected);
  });
});
