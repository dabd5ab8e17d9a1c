import { describe, expect, it } from "vitest";
import { runCases } from "./cases.ts";
import { compilePolicy } from "./compile.ts";
import { countsOn } from "./evidence-rule.ts";

const WHY = { zh: "只有文件能证明。", en: "Only documents tell." };

function compiled(spec: Record<string, unknown>) {
  const text = JSON.stringify({
    apiVersion: "yunheng/v1",
    kind: "SecurityBaseline",
    metadata: { id: "a", version: 1, rule: "A", title: { zh: "规则", en: "Rule" } },
    spec: { basis: [{ standard: "local" }], subject: "cloud", action: "audit", ...spec },
  });
  return compilePolicy({ pack: "test", file: "a", text });
}

function failuresOf(spec: Record<string, unknown>, cases: readonly Record<string, unknown>[]): string[] {
  const { policy, issues } = compiled(spec);
  if (policy === null) throw new Error(issues.map(({ reason }) => reason).join());
  const named = cases.map((one, at) => ({ name: `case ${at}`, ...one }));
  const text = JSON.stringify({ apiVersion: "yunheng/v1", kind: "PolicyCases", cases: named });
  const run = runCases(policy, { file: "cases", text });
  return [...run.issues.map(({ reason }) => reason), ...run.results.flatMap(({ failure }) => failure ?? [])];
}

// The facts of a case are of 20 November 2026.
const lastDay = { validFrom: "2026-01-01", validUntil: "2026-11-20" };
const dayBefore = { validFrom: "2026-01-01", validUntil: "2026-11-19" };
const reachable = [{ expression: "site.reachable", actual: "site.reachable", required: true }];

describe("cases with evidence", () => {
  it("show an attested rule without validations on both sides of the last day", () => {
    const spec = { assessment: "attested", why: WHY };
    const both = [
      { evidence: lastDay, expect: "pass" },
      { evidence: dayBefore, expect: "insufficient_evidence" },
    ];
    expect(failuresOf(spec, both)).toEqual([]);
    expect(failuresOf(spec, [{ evidence: dayBefore, expect: "pass" }])).toEqual([
      "no case expects insufficient_evidence",
      "expected pass, was insufficient_evidence",
    ]);
  });

  it("complete a partial rule, and make good nothing that is contradicted", () => {
    const down = { site: { reachable: false } };
    const spec = { assessment: "partial", why: WHY, validations: reachable };
    const cases = [
      { evidence: lastDay, expect: "pass" },
      { evidence: "none", expect: "partial" },
      { evidence: lastDay, facts: down, expect: "fail" },
    ];
    expect(failuresOf(spec, cases)).toEqual([]);
  });

  it("do not make an automatic rule depend on evidence, nor one that is out of scope", () => {
    const down = { site: { reachable: false } };
    const automatic = { assessment: "automatic", validations: reachable };
    const kept = { evidence: "none", expect: "pass" };
    expect(failuresOf(automatic, [kept, { facts: down, expect: "fail" }])).toEqual([]);
    const outside = { assessment: "out_of_scope", why: WHY };
    expect(failuresOf(outside, [{ evidence: lastDay, expect: "not_applicable" }])).toEqual([]);
  });
});

it.each([
  [{ assessment: "automatic" }, "only attested and out_of_scope may have none"],
  [{ assessment: "partial", why: WHY }, "only attested and out_of_scope may have none"],
  [{ assessment: "attested" }, "says why nothing is validated"],
])("a rule without validations is refused where it would always pass: %j", (spec, reason) => {
  expect(compiled(spec).issues.map((issue) => issue.reason)).toEqual([expect.stringContaining(reason)]);
});

it("evidence counts from its first to its last day", () => {
  const days = ["2025-12-31", "2026-01-01", "2026-11-20", "2026-11-21"];
  expect(days.map((day) => countsOn(lastDay, day))).toEqual([false, true, true, false]);
});
