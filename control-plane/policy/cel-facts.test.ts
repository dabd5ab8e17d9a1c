import { describe, expect, it } from "vitest";
import { FactError, isRecord, toCel } from "./cel-facts.ts";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { compileExpression } from "./expression.ts";
import { SUBJECT_SECTIONS } from "./fact-shape.ts";
import { mergeFacts } from "./merge-facts.ts";
import { plainValue } from "./plain-value.ts";

function leavesOf(value: unknown, path: string): [string, unknown][] {
  if (!isRecord(value)) return [[path, value]];
  return Object.entries(value).flatMap(([field, inner]) =>
    leavesOf(inner, path === "" ? field : `${path}.${field}`),
  );
}

/** A subject that has the section. */
const subjectWith = (path: string) =>
  /^(site|resource)\./.test(path) ? ("resource" as const) : ("placement" as const);
const contextOf = (subject: "resource" | "placement") =>
  Object.fromEntries(
    SUBJECT_SECTIONS[subject].map((section) => [section, toCel(section, DEFAULT_FACTS[section])]),
  );

describe("facts", () => {
  it.each(leavesOf(DEFAULT_FACTS, ""))("lets an expression read %s", (path, value) => {
    const subject = subjectWith(path);
    expect(plainValue(compileExpression(subject, path, "any")(contextOf(subject)))).toEqual(value);
  });

  it.each([
    [{ ...DEFAULT_FACTS.recovery, distanceKm: 110.5 }, /recovery\.distanceKm must be a whole number/],
    [{ ...DEFAULT_FACTS.recovery, distanceKm: Number.NaN }, /whole number/],
    [{ ...DEFAULT_FACTS.recovery, cloudId: undefined }, /recovery\.cloudId must be text, not absent/],
    [null, /recovery must be an object/],
  ])("refuses a fact of another type", (recovery, reason) => {
    expect(() => toCel("recovery", recovery)).toThrow(reason);
    expect(() => toCel("recovery", recovery)).toThrow(FactError);
  });
});

describe("mergeFacts", () => {
  it("replaces single fields and whole lists, and leaves the rest alone", () => {
    const merged = mergeFacts(DEFAULT_FACTS, { request: { network: { zones: [] }, term: { days: 1 } } });
    expect(merged).toEqual({
      ...DEFAULT_FACTS,
      request: {
        ...DEFAULT_FACTS.request,
        network: { zones: [], internetExposed: false },
        term: { ...DEFAULT_FACTS.request.term, days: 1 },
      },
    });
  });

  it("takes the defaults as they are when nothing changes", () => {
    expect(mergeFacts(DEFAULT_FACTS, undefined)).toEqual(DEFAULT_FACTS);
  });

  it.each([
    [{ pool: { colour: "red" } }, /unknown fact pool\.colour/],
    [{ pool: { constructor: "x" } }, /unknown fact pool\.constructor/],
    [{ request: { kind: "creat" } }, /request\.kind must be one of create/],
    [{ pool: { faultDomains: "3" } }, /pool\.faultDomains must be a whole number/],
    [{ pool: [] }, /pool must be an object/],
    [{ request: { instances: [{ name: "a" }] } }, /request\.instances\[0\]\.count must be/],
  ])("refuses %j", (changes, reason) => {
    expect(() => mergeFacts(DEFAULT_FACTS, changes)).toThrow(reason);
  });
});
