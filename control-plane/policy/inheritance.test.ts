import { describe, expect, it } from "vitest";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { evaluate } from "./evaluate.ts";
import { inheritanceIssues, withInheritance } from "./inheritance.ts";
import { policyOf } from "./policy.fixture.ts";
import { type CompiledPolicy, policySetOf } from "./policy-set.ts";

const { organization, cloud } = DEFAULT_FACTS;
const HERE = `{ clouds: [${cloud.id}] }`;
const ELSEWHERE = "{ clouds: [another-cloud] }";

/** The ids of the policies that speak up on the default facts, of which each would. */
function speaking(...policies: readonly CompiledPolicy[]): string[] {
  const set = policySetOf(withInheritance(policies));
  return evaluate(set, "placement", DEFAULT_FACTS).map(({ policyId }) => policyId);
}

const codes = (...policies: readonly CompiledPolicy[]) => inheritanceIssues(policies).map(({ code }) => code);

describe("a scope", () => {
  it.each([
    ["its cloud", HERE, true],
    ["another cloud", ELSEWHERE, false],
    ["the organization itself", `{ organizations: [${organization.id}] }`, true],
    ["an organization above it", "{ organizations: [gd] }", true],
    ["another organization", "{ organizations: [gd-health] }", false],
    ["a selector that holds", `{ selector: 'pool.zone == "extranet"' }`, true],
    ["its cloud, but another organization", `{ clouds: [${cloud.id}], organizations: [gd-health] }`, false],
  ])("of %s", (_what, scope, applies) => {
    expect(speaking(policyOf({ spec: { scope } }))).toEqual(applies ? ["never"] : []);
  });

  it("of clouds is refused where the facts know none", () => {
    const spec = { scope: HERE, subject: "request" };
    expect(() => policyOf({ spec })).toThrow(/spec\.scope\.clouds: Unknown variable: cloud/);
  });
});

describe("an heir", () => {
  const parent = policyOf({ id: "above" });
  const heir = (spec: Record<string, string>) =>
    policyOf({ id: "below", spec: { inherits: "above", scope: HERE, ...spec } });

  it("stands beside its parent, so that it can only tighten", () => {
    expect(speaking(parent, heir({}))).toEqual(["above", "below"]);
    expect(speaking(parent, heir({ scope: ELSEWHERE }))).toEqual(["above"]);
  });

  it("takes the place of a parent that says so, within its own scope", () => {
    const open = policyOf({ id: "above", spec: { lowerLevels: "replace" } });
    expect(speaking(open, heir({ action: "warn" }))).toEqual(["below"]);
    expect(speaking(open, heir({ action: "warn", scope: ELSEWHERE }))).toEqual(["above"]);
  });

  it("applies nowhere outside the scope of its parent", () => {
    const elsewhere = policyOf({ id: "above", spec: { scope: ELSEWHERE } });
    expect(speaking(elsewhere, heir({}))).toEqual([]);
  });

  it("may not be weaker, unless the parent lets itself be replaced", () => {
    expect(codes(parent, heir({ action: "warn" }))).toEqual(["policy.loosens"]);
    expect(codes(parent, heir({ action: "deny" }))).toEqual([]);
    expect(
      codes(policyOf({ id: "above", spec: { lowerLevels: "replace" } }), heir({ action: "warn" })),
    ).toEqual([]);
  });

  it("needs a parent of its kind and subject", () => {
    expect(codes(heir({}))).toEqual(["policy.inheritance_invalid"]);
    expect(codes(policyOf({ id: "above", spec: { subject: "tenancy" } }), heir({}))).toEqual([
      "policy.inheritance_invalid",
    ]);
  });

  it("needs a scope, since inheritance goes downwards", () => {
    expect(() => policyOf({ spec: { inherits: "above" } })).toThrow(/belongs to a policy with a scope/);
  });

  it("never inherits from itself, by whatever way", () => {
    const link = (id: string, inherits: string) => policyOf({ id, spec: { inherits, scope: HERE } });
    expect(codes(link("a", "a"))).toEqual(["policy.inheritance_cycle"]);
    const ring = [link("a", "b"), link("b", "c"), link("c", "a")];
    expect(codes(...ring)).toEqual(Array(3).fill("policy.inheritance_cycle"));
    // Refused, but not without end either.
    expect(speaking(...ring)).toEqual(["a", "b", "c"]);
  });
});
