import { describe, expect, it } from "vitest";
import { isFault } from "../kernel/fault.ts";
import { parseProvince, type SourceFile, type SourceProblem } from "./parse.ts";
import { smallProvince, smallProvinceWith } from "./province.fixture.ts";
import { countsOf } from "./province.ts";

function problemsOf(files: readonly SourceFile[]): SourceProblem[] {
  try {
    parseProvince(files);
  } catch (error) {
    if (isFault(error, "province.invalid")) return error.details.problems as SourceProblem[];
    throw error;
  }
  return [];
}

/** `file:line:column path: English reason`, and proof that a Chinese one is there. */
function linesOf(files: readonly SourceFile[]): string[] {
  return problemsOf(files).map(({ file, line, column, path, reason }) => {
    expect(reason.zh).toMatch(/\p{Script=Han}/u);
    return `${file}:${line}:${column} ${path}: ${reason.en}`;
  });
}

/** What a reader finds at the reported line and column. */
function textAt(files: readonly SourceFile[], problem: SourceProblem | undefined): string {
  const lines = files.find((file) => file.name === problem?.file)?.text.split("\n") ?? [];
  return lines
    .slice((problem?.line ?? 1) - 1)
    .join("\n")
    .slice((problem?.column ?? 1) - 1);
}

describe("a valid file set", () => {
  it("becomes a province, with defaults and ratios in thousandths", () => {
    const province = parseProvince(smallProvince());
    expect(countsOf(province)).toMatchObject({ clouds: 1, provincialClouds: 1, pools: 1, organizations: 3 });
    expect(province.pools[0]?.spec.inventories.VCPU).toEqual({
      total: 100,
      reserved: 20,
      minUnit: 1,
      maxUnit: 50,
      stepSize: 1,
      allocationRatioMilli: 1500,
    });
    expect(province.clouds[0]?.spec).toMatchObject({ sector: null, cryptoAssessmentValidUntil: null });
  });

  it("may contain empty documents and comments", () => {
    expect(problemsOf(smallProvinceWith("---\n---\n# nothing\n"))).toEqual([]);
  });
});

describe("text that is not what its author meant", () => {
  it.each([
    ["syntax", "a: [1\n", "more.yaml:2:1 : YAML syntax: "],
    ["a duplicate key", "kind: Pool\nkind: Pool\n", "more.yaml:2:1 : the same key appears twice"],
    ["an alias", "a: &x [1]\nb: *x\n", "more.yaml:2:4 : YAML aliases are not allowed"],
    ["an alias bomb", bomb(), "more.yaml:2:10 : YAML aliases are not allowed"],
    ["an unknown tag", "a: !!js/function 'f'\n", "more.yaml:1:4 : YAML syntax: Unresolved tag"],
    ["nesting without end", "[".repeat(50_000), "more.yaml:1:"],
    ["a list instead of a document", "- 1\n", "more.yaml:1:1 : Invalid input: expected object"],
    [
      "another version",
      "apiVersion: v1\nkind: Pool\n",
      'more.yaml:1:13 apiVersion: Invalid input: expected "yunheng/v1"',
    ],
    ["an unknown kind", "apiVersion: yunheng/v1\nkind: Pod\n", "more.yaml:2:7 kind: Invalid option"],
  ])("%s is refused at its place", (_name, text, expected) => {
    expect(linesOf(smallProvinceWith(text))[0]?.startsWith(expected)).toBe(true);
  });
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}0]`);
  return `l0: &l0 [0]\n${levels.join("\n")}\n`;
}

describe("a document that breaks its own schema", () => {
  // [name, text of the fixture, its replacement, path, what stands at the reported place, reason]
  it.each([
    [
      "an unknown field",
      "faultDomains: 3",
      "faultDomains: 3\n  colour: red",
      "spec.colour",
      "red",
      'Unrecognized key: "colour"',
    ],
    [
      "a missing field",
      "  tenantIsolation: true\n",
      "",
      "spec.tenantIsolation",
      "spec:\n  cloud: main\n  zone",
      "Invalid input: expected boolean",
    ],
    [
      "a wrong type",
      "faultDomains: 3",
      "faultDomains: three",
      "spec.faultDomains",
      "three",
      "Invalid input: expected",
    ],
    ["a negative quantity", "total: 100", "total: -1", "spec.inventories.VCPU.total", "-1", "Too small"],
    [
      "a fraction",
      "total: 100",
      "total: 100.5",
      "spec.inventories.VCPU.total",
      "100.5",
      "Invalid input: expected int",
    ],
    ["2^53", "total: 100", "total: 9007199254740992", "spec.inventories.VCPU.total", "9007", "Too big"],
    [
      "an inexact capacity",
      "total: 100",
      "total: 9007199254740991",
      "spec.inventories.VCPU.total",
      "9007",
      "the capacity exceeds",
    ],
    [
      "an unknown class",
      "    VCPU: { total",
      "    CPU: { total",
      "spec.inventories.CPU",
      "CPU: {",
      "Unrecognized key",
    ],
    [
      "reserved over total",
      "reserved: 20",
      "reserved: 101",
      "spec.inventories.VCPU.reserved",
      "101",
      "reserved may not exceed",
    ],
    [
      "minUnit over maxUnit",
      "minUnit: 1",
      "minUnit: 51",
      "spec.inventories.VCPU.minUnit",
      "51",
      "minUnit may not exceed",
    ],
    [
      "a step of zero",
      "stepSize: 1",
      "stepSize: 0",
      "spec.inventories.VCPU.stepSize",
      "0, alloc",
      "Too small",
    ],
    [
      "four decimals",
      "allocationRatio: 1.5",
      "allocationRatio: 1.5001",
      "spec.inventories.VCPU.allocationRatio",
      "1.5001",
      "an allocation ratio has",
    ],
    [
      "too large a ratio",
      "allocationRatio: 1.5",
      "allocationRatio: 100.5",
      "spec.inventories.VCPU.allocationRatio",
      "100.5",
      "Too big",
    ],
    [
      "xinchuang on a foreign CPU",
      "architecture: kunpeng",
      "architecture: intel",
      "spec.traits",
      "traits:",
      "this CPU family is not",
    ],
    [
      "a contradicting cpu trait",
      "cpu:kunpeng",
      "cpu:hygon",
      "spec.traits",
      "traits:",
      "the cpu trait contradicts",
    ],
    [
      "a date that does not exist",
      "2028-06-30",
      "2028-06-31",
      "spec.securityAssessmentValidUntil",
      "2028-06-31",
      "Invalid ISO date",
    ],
    [
      "an unquoted code",
      'id: "440300"',
      "id: 440300",
      "metadata.id",
      "440300, name",
      "Invalid input: expected string",
    ],
    [
      "a malformed code",
      'id: "440300"',
      'id: "4403"',
      "metadata.id",
      '"4403"',
      "a GB/T 2260 code has six digits",
    ],
    [
      "too precise a position",
      "latitude: 22.54",
      "latitude: 22.54321",
      "spec.latitude",
      "22.54321",
      "at most four decimals",
    ],
    ["an upper-case id", "id: insurance", "id: Insurance", "metadata.id", "Insurance", "an id consists of"],
    [
      "a control character in a name",
      "zh: 社保系统",
      'zh: "社保\\u202e系统"',
      "metadata.name.zh",
      '"社保\\u202e',
      "a name has 1 to 200 visible",
    ],
    [
      "a sector on a provincial cloud",
      "tier: provincial",
      "tier: provincial\n  sector: health",
      "spec.sector",
      "health",
      "an industry cloud, and no other",
    ],
    [
      "a price left out",
      "VCPU: 4500, ",
      "",
      "spec.fenPerUnitMonth.VCPU",
      "fenPerUnitMonth:",
      "Invalid input: expected number",
    ],
    [
      "a price in yuan",
      "VCPU: 4500",
      "VCPU: 45.5",
      "spec.fenPerUnitMonth.VCPU",
      "45.5",
      "Invalid input: expected int",
    ],
    [
      "a department without organization",
      "  organization: gd-hrss\n",
      "",
      "spec.organization",
      "spec:\n  parent: gd.main\n",
      "a department's node, and no other",
    ],
  ])("%s is refused at its place", (_name, from, to, path, place, reason) => {
    const files = smallProvince(from, to);
    const [problem] = problemsOf(files);
    expect(problem).toMatchObject({ file: "small.yaml", path });
    expect(problem?.reason.en).toContain(reason);
    expect(problem?.reason.zh).toMatch(/\p{Script=Han}/u);
    expect(textAt(files, problem).slice(0, place.length)).toBe(place);
  });

  it("shows every problem of the first invalid document, and none of the next", () => {
    const [file] = smallProvince("faultDomains: 3", "faultDomains: 0\n  colour: red");
    const text = file?.text.replace("effectiveFrom: 2026-01-01", "effectiveFrom: never") ?? "";
    expect(problemsOf([{ name: "small.yaml", text }]).map(({ path }) => path)).toEqual([
      "spec.faultDomains",
      "spec.colour",
    ]);
  });
});

describe("documents that contradict each other", () => {
  it("are refused where the contradiction is written", () => {
    expect(
      linesOf(smallProvince("organization: gd-hrss, mlpsLevel", "organization: gd-hrsss, mlpsLevel")),
    ).toEqual(["small.yaml:30:23 spec.organization: there is no Organization gd-hrsss"]);
  });

  it("are found across files, the second definition being the wrong one", () => {
    const again = `apiVersion: yunheng/v1
kind: Organization
metadata: { id: gd, name: { zh: 又一个, en: Again } }
spec: { parent: null, kind: government, level: province, jurisdiction: "440000" }
`;
    expect(linesOf(smallProvinceWith(again))).toEqual([
      "more.yaml:3:17 metadata.id: Organization gd is defined twice",
    ]);
  });
});
