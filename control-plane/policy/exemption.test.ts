import { describe, expect, it } from "vitest";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { approversOf, assess, evaluate, outcomeOf } from "./evaluate.ts";
import { compileResources, type ExemptedResources, exemptedResources } from "./exemption.ts";
import { policyOf } from "./policy.fixture.ts";
import { policySetOf } from "./policy-set.ts";
import { judgeOf } from "./rulings.ts";

const TWO =
  '[{ id: a, expression: pool.id == "", actual: 1, required: 2 }, { id: b, expression: pool.zone == "", actual: 1, required: 2 }]';
const rule = policyOf({ spec: { validations: TWO } });

function setWith(resources: ExemptedResources, validations: readonly string[] | null = null) {
  const applied = { id: "exm_1", category: "Waiver" as const, expiresOn: "2026-12-31" };
  const exemption = { applied, validations, resources: compileResources("placement", resources) };
  return policySetOf([{ ...rule, exemptions: [exemption] }]);
}

const { organization, request, cloud, pool } = DEFAULT_FACTS;

describe("an exemption", () => {
  it.each<[string, ExemptedResources, boolean]>([
    ["its system", { systems: [request.system.id] }, true],
    ["another system", { systems: ["sys-other"] }, false],
    ["an organization above", { organizations: ["gd"] }, true],
    ["a cloud", { clouds: [cloud.id] }, true],
    ["a pool", { pools: [pool.id] }, true],
    ["a pool of another name", { pools: ["x"] }, false],
    ["a tenancy that is not there yet", { tenancies: ["ten_1"] }, false],
    ["a selector", { selector: "request.system.mlpsLevel == 3" }, true],
    ["a system on another cloud", { systems: [request.system.id], clouds: ["x"] }, false],
  ])("of %s", (_what, resources, excused) => {
    const set = setWith(resources);
    const violations = evaluate(set, "placement", DEFAULT_FACTS);
    expect(violations).toHaveLength(2);
    expect(outcomeOf(violations)).toBe(excused ? "allowed" : "denied");
    expect(assess(set, "placement", DEFAULT_FACTS)).toMatchObject([{ verdict: "fail", exempted: excused }]);
    expect(judgeOf(set)(DEFAULT_FACTS).denied).toHaveLength(excused ? 0 : 2);
  });

  it("of one validation leaves the others as they are", () => {
    const set = setWith({ organizations: [organization.id] }, ["a"]);
    const violations = evaluate(set, "placement", DEFAULT_FACTS);
    expect(violations.map(({ exemption }) => exemption?.id ?? null)).toEqual(["exm_1", null]);
    expect(outcomeOf(violations)).toBe("denied");
    expect(assess(set, "placement", DEFAULT_FACTS)[0]?.exempted).toBe(false);
  });

  it("is told apart by a judge that remembers", () => {
    const judge = judgeOf(setWith({ systems: [request.system.id] }));
    const other = { ...DEFAULT_FACTS, request: { ...request, system: { ...request.system, id: "sys-2" } } };
    expect(
      [judge(DEFAULT_FACTS), judge(other), judge(DEFAULT_FACTS)].map(({ denied }) => denied.length),
    ).toEqual([0, 2, 0]);
  });

  it("asks nobody for an approval", () => {
    const asking = policyOf({
      spec: { action: "require-approval", approvers: "[{ role: approver, scope: cloud }]" },
    });
    const [exemption] = setWith({ clouds: [cloud.id] }).policies[0]?.exemptions ?? [];
    const violations = evaluate(
      policySetOf([{ ...asking, exemptions: exemption === undefined ? [] : [exemption] }]),
      "placement",
      DEFAULT_FACTS,
    );
    expect([violations.length, outcomeOf(violations), approversOf(violations)]).toEqual([1, "allowed", []]);
  });

  it("has to name something", () => {
    expect(exemptedResources.safeParse({}).success).toBe(false);
  });

  it("of what a rule cannot see is refused", () => {
    expect(() => compileResources("request", { pools: ["x"] })).toThrow(
      /resources\.pools: Unknown variable: pool/,
    );
  });
});
