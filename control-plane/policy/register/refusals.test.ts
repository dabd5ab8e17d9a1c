import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itemsOf } from "../../../tests/support/api.ts";
import { PolicyLoadError } from "../load.ts";
import { policyOf, policyYaml } from "../policy.fixture.ts";
import { policySetOf } from "../policy-set.ts";
import { openRegister, type Register } from "./register.fixture.ts";
import { registerFiles } from "./register-files.ts";

let register: Register;

beforeAll(async () => {
  register = await openRegister();
});
afterAll(() => register.harness.close());

const validation = (expression: string) => ({
  validations: `[{ expression: ${JSON.stringify(expression)}, actual: 1, required: 1 }]`,
});

describe("a policy is refused", () => {
  it.each<[string, string, string]>([
    ["with a syntax error of YAML", "a: [", "policy.yaml_invalid"],
    [
      "that is a YAML bomb",
      `a: &a [x, x]\n${"bcdefg"
        .split("")
        .map((name, at) => `${name}: &${name} [*${"abcdef"[at]}, *${"abcdef"[at]}]`)
        .join("\n")}`,
      "policy.yaml_bomb",
    ],
    ["that nests without end", `a: ${"[".repeat(30_000)}`, "policy.yaml_bomb"],
    ["with an unknown field", policyYaml({ spec: { actoin: "deny" } }), "policy.unknown_field"],
    ["without its form", "kind: Nothing", "policy.document_invalid"],
    [
      "with a syntax error of CEL",
      policyYaml({ spec: validation("pool.zone ==") }),
      "policy.expression_invalid",
    ],
    ["of a wrong type", policyYaml({ spec: validation("pool.zone == 3") }), "policy.expression_invalid"],
    ["with an unknown fact", policyYaml({ spec: validation("pool.zoen == ''") }), "policy.unknown_fact"],
    [
      "with an endless comprehension",
      policyYaml({ spec: validation("[1].all(a, [1].all(b, [1].all(c, a == b)))") }),
      "policy.expression_costly",
    ],
    [
      "that is deeper than anybody reads",
      policyYaml({ spec: validation(`${"!(".repeat(60)}true${")".repeat(60)}`) }),
      "policy.expression_costly",
    ],
    [
      "with a huge regular expression",
      policyYaml({ spec: validation(`pool.zone.matches('${"a?".repeat(300)}')`) }),
      "policy.pattern_refused",
    ],
    [
      "with a regular expression that explodes",
      policyYaml({ spec: validation("pool.zone.matches('(a+)+$')") }),
      "policy.pattern_refused",
    ],
    [
      "that inherits from nobody",
      policyYaml({ spec: { inherits: "ghost", scope: "{ clouds: [guangzhou] }" } }),
      "policy.inheritance_invalid",
    ],
    [
      "that inherits from itself",
      policyYaml({ spec: { inherits: "never", scope: "{ clouds: [guangzhou] }" } }),
      "policy.inheritance_cycle",
    ],
    [
      "that is over",
      policyYaml({ metadata: ", effective: { until: 2026-11-01 }" }),
      "policy.document_invalid",
    ],
  ])("%s", async (_what, yaml, code) => {
    expect((await register.call(register.author, "POST /policies", { body: { yaml } })).body).toMatchObject({
      code,
    });
    expect(
      (await register.call(register.author, "POST /policies/validate", { body: { yaml } })).body,
    ).toMatchObject({
      valid: false,
    });
  });

  it("that loosens one above it, or has the short code of another", async () => {
    await register.establish({ id: "strict" });
    const spec = { inherits: "strict", scope: "{ clouds: [guangzhou] }", action: "warn" };
    expect((await register.draft({ id: "loose", spec })).body).toMatchObject({ code: "policy.loosens" });
    const yaml = policyYaml({ id: "twin" }).replace("rule: TWIN", "rule: STRICT");
    expect((await register.call(register.author, "POST /policies", { body: { yaml } })).body).toMatchObject({
      code: "policy.clash",
    });
  });

  it("that could not tell what an exemption in force is for", async () => {
    await register.establish({ id: "exempted" });
    const { accountId } = register.author.actor;
    await register.app.db.withTx((tx) =>
      tx.execute(sql`
        INSERT INTO policy_exemptions (id, policy_ids, resources, category, reason, compensating_measure, evidence,
          organization_id, status, requested_by, requested_at, approver, approved_at, expires_on)
        VALUES ('exm_1', '["exempted"]', '{"pools":["x"]}', 'Waiver', 'r', 'm', '[]', 'gd', 'approved',
          ${accountId}, '2026-11-01', 'acc_other', '2026-11-01', '2026-12-31')`),
    );
    const next = { id: "exempted", version: 2, spec: { subject: "request" } };
    expect((await register.draft(next)).body).toMatchObject({ code: "exemption.not_applicable" });
  });

  it("with position and suggestion", async () => {
    const yaml = policyYaml({ spec: validation("cloud.mlpsLevl > 1") });
    const { issues } = (await register.call(register.author, "POST /policies/validate", { body: { yaml } }))
      .body;
    expect(issues).toMatchObject([
      {
        line: 7,
        column: expect.any(Number),
        reason: expect.stringMatching(/did you mean cloud\.mlpsLevel\?/),
      },
    ]);
  });
});

describe("validation", () => {
  it("runs the cases", async () => {
    const cases = `apiVersion: yunheng/v1
kind: PolicyCases
cases:
  - { name: kept, facts: { request: { purpose: never } }, expect: pass }
  - { name: broken, expect: pass }
`;
    const { body } = await register.call(register.author, "POST /policies/validate", {
      body: { yaml: policyYaml({ id: "cased" }), cases },
    });
    expect(body).toMatchObject({
      valid: false,
      cases: [{ failure: null }, { failure: expect.stringMatching(/expected pass, was fail/) }],
    });
  });
});

describe("files", () => {
  const files = (version: number, action = "deny") =>
    policySetOf([policyOf({ id: "filed", version, spec: { action } })]);
  const current = async () => (await register.call(register.author, "GET /policies/filed")).body;

  it("are registered at a start, once, and only forwards", async () => {
    await registerFiles(register.app, files(2));
    await registerFiles(register.app, files(2));
    expect(await current()).toMatchObject({ version: 2 });
    await registerFiles(register.app, files(1));
    expect(await current()).toMatchObject({ version: 2 });
    await registerFiles(register.app, files(3, "warn"));
    expect(await current()).toMatchObject({ version: 3, action: "warn" });
    expect(itemsOf(await register.call(register.author, "GET /policies/filed/versions"))).toHaveLength(2);
  });

  it("that changed without another version stop the start", async () => {
    await expect(registerFiles(register.app, files(3, "audit"))).rejects.toThrow(PolicyLoadError);
  });
});
