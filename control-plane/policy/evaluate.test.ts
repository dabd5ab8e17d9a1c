import { describe, expect, it } from "vitest";
import { compilePolicy } from "./compile.ts";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { approversOf, assess, evaluate, outcomeOf, type Violation } from "./evaluate.ts";
import { type CompiledPolicy, policySetOf } from "./policy-set.ts";

interface Probe {
  readonly id?: string;
  readonly subject?: string;
  readonly match?: string;
  readonly expression: string;
  readonly actual?: string;
  readonly action?: string;
}

/** JSON is YAML, so a policy can be written as an object. */
function policyOf(probe: Probe): CompiledPolicy {
  const action = probe.action ?? "deny";
  const document = {
    apiVersion: "yunheng/v1",
    kind: "QuotaPolicy",
    metadata: { id: probe.id ?? "probe", version: 3, rule: "T1", title: { zh: "题", en: "Title" } },
    spec: {
      basis: [{ standard: "local" }],
      subject: probe.subject ?? "placement",
      ...(probe.match === undefined ? {} : { match: probe.match }),
      validations: [{ expression: probe.expression, actual: probe.actual ?? "pool.mlpsLevel", required: 9 }],
      action,
      assessment: "automatic",
      ...(action === "require-approval" ? { approvers: [{ role: "approver", scope: "cloud" }] } : {}),
    },
  };
  const { policy, issues } = compilePolicy({ pack: "test", file: "p.yaml", text: JSON.stringify(document) });
  if (policy === null) throw new Error(JSON.stringify(issues));
  return policy;
}

function violationsOf(probe: Probe): Violation[] {
  return evaluate(policySetOf([policyOf(probe)]), "placement", DEFAULT_FACTS);
}

describe("evaluate", () => {
  it("says everything about a rule that does not hold", () => {
    expect(violationsOf({ expression: "pool.mlpsLevel == 9" })).toEqual([
      {
        pack: "test",
        policyId: "probe",
        policyVersion: 3,
        ruleId: "T1",
        validationId: null,
        action: "deny",
        severity: "high",
        basis: [{ standard: "local" }],
        title: { zh: "题", en: "Title" },
        message: { zh: "题", en: "Title" },
        actual: 3,
        required: 9,
        approvers: [],
        assessment: "automatic",
        remediation: null,
        error: null,
        exemption: null,
      },
    ]);
  });

  it("returns every failing rule, in the order of their ids", () => {
    const set = policySetOf(["c", "a", "b"].map((id) => policyOf({ id, expression: String(id === "b") })));
    expect(evaluate(set, "placement", DEFAULT_FACTS).map(({ policyId }) => policyId)).toEqual(["a", "c"]);
  });

  it("says nothing where a rule does not apply", () => {
    expect(violationsOf({ match: "pool.mlpsLevel == 9", expression: "false" })).toEqual([]);
  });

  it.each([
    ["a division by zero", "1 / (pool.mlpsLevel - 3) > 0", /division by zero/],
    ["an overflow", "9223372036854775807 + pool.mlpsLevel > 0", /integer overflow/],
    ["a missing element", 'request.requirements.cloudIds[0] != ""', /index out of bounds/],
    ["a value of the wrong type at run time", "dyn(pool.mlpsLevel) || dyn(pool.id)", /Logical operator/],
  ])("counts %s as failed, in the rule and in where it applies", (_what, expression, reason) => {
    for (const probe of [{ expression }, { match: expression, expression: "true" }]) {
      const [violation, ...rest] = violationsOf(probe);
      expect(rest).toEqual([]);
      expect(violation?.error).toMatch(reason);
      expect(violation?.error).not.toContain("\n");
      expect(violation?.message.en).toMatch(/Could not be computed/);
    }
  });

  it("keeps a verdict whose illustration cannot be computed", () => {
    const [violation] = violationsOf({ expression: "false", actual: "1 / (pool.mlpsLevel - 3)" });
    expect(violation).toMatchObject({ error: null, actual: { error: "division by zero" } });
  });

  it("holds the placement rules against a running tenancy as well", () => {
    const set = policySetOf([
      policyOf({ id: "a", expression: "false" }),
      policyOf({ id: "b", subject: "tenancy", expression: "false" }),
    ]);
    expect(evaluate(set, "tenancy", DEFAULT_FACTS)).toHaveLength(2);
    expect(evaluate(set, "placement", DEFAULT_FACTS)).toHaveLength(1);
    expect(evaluate(set, "cloud", DEFAULT_FACTS)).toHaveLength(0);
  });
});

describe("assess", () => {
  it("gives one verdict per policy", () => {
    const set = policySetOf([
      policyOf({ id: "a", expression: "true" }),
      policyOf({ id: "b", expression: "false" }),
      policyOf({ id: "c", match: "false", expression: "false" }),
    ]);
    const verdicts = assess(set, "placement", DEFAULT_FACTS).map(({ verdict, violations }) => [
      verdict,
      violations.length,
    ]);
    expect(verdicts).toEqual([
      ["pass", 0],
      ["fail", 1],
      ["not_applicable", 0],
    ]);
  });
});

describe("the outcome", () => {
  it.each([
    [[], "allowed"],
    [["warn", "audit"], "allowed"],
    [["warn", "require-approval"], "needs_approval"],
    [["require-approval", "deny"], "denied"],
  ])("of %j is %s", (actions, outcome) => {
    const violations = actions.flatMap((action) => violationsOf({ expression: "false", action }));
    expect(outcomeOf(violations)).toBe(outcome);
  });

  it("names each approver once", () => {
    const one = violationsOf({ expression: "false", action: "require-approval" });
    expect(approversOf([...one, ...one, ...violationsOf({ expression: "false" })])).toEqual([
      { role: "approver", scope: "cloud" },
    ]);
  });
});

describe("the digest of a set", () => {
  it("changes with the contents and not with the order", () => {
    const [a, b] = [policyOf({ id: "a", expression: "true" }), policyOf({ id: "b", expression: "true" })];
    expect(policySetOf([a, b]).digest).toBe(policySetOf([b, a]).digest);
    const changed = policyOf({ id: "b", expression: "false" });
    expect(policySetOf([a, changed]).digest).not.toBe(policySetOf([a, b]).digest);
  });
});
