import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, idsOf, itemsOf, type TestCall } from "../../../tests/support/api.ts";
import { type TestApp, testApp } from "../../../tests/support/app.ts";
import { smallProvince } from "../../../tests/support/small-province.ts";
import type { App, Caller } from "../../context.ts";
import { queryRows } from "../../db/tx.ts";
import { DAY_MS } from "../../kernel/clock.ts";
import { PolicyLoadError } from "../load.ts";
import { type PolicyFields, policyOf, policyYaml } from "../policy.fixture.ts";
import { policySetOf } from "../policy-set.ts";
import { policyRoutes } from "../routes.ts";
import { registeredPolicies } from "./in-force.ts";
import { registerFiles } from "./register-files.ts";

let harness: TestApp;
let app: App;
let call: TestCall;
let author: Caller;
let security: Caller;

beforeAll(async () => {
  harness = await testApp();
  app = { ...harness.app, policies: registeredPolicies() };
  call = apiOf(app, policyRoutes);
  await app.db.withTx(smallProvince);
  author = await harness.callerWith([{ role: "provincial_operator" }]);
  security = await harness.callerWith([{ role: "security_administrator" }]);
});
afterAll(() => harness.close());

const draft = (fields: PolicyFields, caller = author) =>
  call(caller, "POST /policies", { body: { yaml: policyYaml(fields) } });
const activate = (id: string, version = 1, caller = security) =>
  call(caller, `POST /policies/${id}/versions/${version}/activate`);
const retire = (id: string, version = 1, caller = security) =>
  call(caller, `POST /policies/${id}/versions/${version}/retire`, { body: { reason: "不再需要" } });
const inForce = async () => idsOf(await call(author, "GET /policies"));

async function established(fields: PolicyFields): Promise<void> {
  expect(await draft(fields)).toMatchObject({ status: 201 });
  expect(await activate(fields.id ?? "never", fields.version)).toMatchObject({ status: 200 });
}

describe("the life of a version", () => {
  it("goes from draft over active to retired, and every process decides by it at once", async () => {
    const elsewhere = registeredPolicies();
    const seenElsewhere = async () =>
      (await app.db.read((tx) => elsewhere.inForce(tx, app.clock.now()))).byId.has("life");
    expect((await draft({ id: "life" })).body).toMatchObject({
      status: "draft",
      inForce: false,
      generation: 1,
    });
    expect([await inForce(), await seenElsewhere()]).toEqual([[], false]);
    expect((await activate("life")).body).toMatchObject({
      status: "active",
      inForce: true,
      author: author.actor.accountId,
      approver: security.actor.accountId,
      from: app.clock.now().toISOString(),
      until: null,
    });
    expect([await inForce(), await seenElsewhere()]).toEqual([["life"], true]);
    expect((await retire("life")).body).toMatchObject({
      status: "retired",
      inForce: false,
      reason: "不再需要",
    });
    expect([await inForce(), await seenElsewhere()]).toEqual([[], false]);
    const audited = await app.db.read((tx) =>
      queryRows(tx, sql`SELECT action FROM audit_entries WHERE target_id = 'life' ORDER BY id`),
    );
    expect(audited.map(({ action }) => action)).toEqual(["policy.draft", "policy.activate", "policy.retire"]);
  });

  it("shows its difference from the version before", async () => {
    await established({ id: "two" });
    await established({ id: "two", version: 2, spec: { action: "warn" } });
    const versions = itemsOf(await call(author, "GET /policies/two/versions"));
    expect(versions.map(({ inForce: now, readable }) => [now, readable])).toEqual([
      [true, ["  metadata.version: 1 -> 2", '  spec.action: "deny" -> "warn"']],
      [false, expect.arrayContaining(['+ spec.action: "deny"'])],
    ]);
    expect((await call(author, "GET /policies/two")).body).toMatchObject({ version: 2, action: "warn" });
    expect((await call(author, "GET /policies/two/versions/9")).status).toBe(404);
  });

  it("needs two persons", async () => {
    await draft({ id: "alone" }, security);
    expect((await activate("alone")).body).toMatchObject({ code: "auth.self_approval" });
    const another = await harness.callerWith([{ role: "security_administrator" }]);
    expect((await activate("alone", 1, another)).status).toBe(200);
    expect((await activate("alone", 1, author)).status).toBe(403);
    expect((await retire("alone")).body).toMatchObject({ code: "auth.self_approval" });
  });

  it("keeps nothing on a dry run", async () => {
    const yaml = policyYaml({ id: "dry" });
    const tried = await call(author, "POST /policies?dryRun=true", { body: { yaml } });
    expect(tried.body).toMatchObject({ status: "draft", policy: { id: "dry" } });
    expect((await call(author, "GET /policies/dry/versions")).status).toBe(404);
    await draft({ id: "dry" });
    const activation = await call(security, "POST /policies/dry/versions/1/activate?dryRun=true");
    expect(activation.body).toMatchObject({ status: "active", inForce: true });
    expect((await call(author, "GET /policies/dry/versions/1")).body).toMatchObject({ status: "draft" });
  });

  it("begins on its first day, by the clock alone", async () => {
    await draft({ id: "later", metadata: ", effective: { from: 2026-11-22 }" });
    expect((await activate("later")).body).toMatchObject({
      inForce: false,
      from: "2026-11-21T16:00:00.000Z",
    });
    expect(await inForce()).not.toContain("later");
    harness.clock.advance(2 * DAY_MS);
    expect(await inForce()).toContain("later");
    harness.clock.advance(-2 * DAY_MS);
  });

  it("cannot be changed once it is active, not even in the database", async () => {
    await established({ id: "fixed" });
    expect((await draft({ id: "fixed", spec: { action: "warn" } })).body).toMatchObject({
      code: "policy.version_immutable",
    });
    const tampered = app.db.withTx((tx) =>
      tx.execute(sql`UPDATE policy_versions SET document = '{}'::jsonb WHERE id = 'fixed'`),
    );
    await expect(tampered).rejects.toMatchObject({ cause: { code: "23001" } });
    await established({ id: "fixed", version: 5 });
    expect((await draft({ id: "fixed", version: 4 })).body).toMatchObject({
      code: "policy.version_not_newer",
    });
    expect(
      (await call(security, "POST /policies/fixed/versions/5/activate", { headers: { "if-match": '"9"' } }))
        .status,
    ).toBe(412);
  });

  it("is replaced as a draft, and stays the same where nothing is new", async () => {
    const first = await draft({ id: "sketch" });
    expect((await draft({ id: "sketch" })).body.generation).toBe(first.body.generation);
    const second = await draft({ id: "sketch", spec: { action: "warn" } });
    expect(second.body).toMatchObject({ generation: 2, policy: { action: "warn" } });
    expect((await retire("sketch")).body).toMatchObject({ code: "policy.invalid_transition" });
  });

  it("ends no policy from which others inherit", async () => {
    await established({ id: "above" });
    await established({ id: "below", spec: { inherits: "above", scope: "{ clouds: [guangzhou] }" } });
    expect((await retire("above")).body).toMatchObject({
      code: "policy.has_heirs",
      details: { heirs: ["below"] },
    });
    expect((await retire("below")).status).toBe(200);
    expect((await retire("above")).status).toBe(200);
  });
});

describe("whoever answers for a part", () => {
  it("makes rules for that part only", async () => {
    const local = await harness.callerWith([{ role: "security_administrator", cloud: "guangzhou" }]);
    expect((await draft({ id: "wide" }, local)).status).toBe(403);
    expect((await draft({ id: "far", spec: { scope: "{ clouds: [shenzhen] }" } }, local)).status).toBe(403);
    expect((await draft({ id: "near", spec: { scope: "{ clouds: [guangzhou] }" } }, local)).status).toBe(201);
    const city = await harness.callerWith([{ role: "security_administrator", organization: "gd-guangzhou" }]);
    const scope = "{ organizations: [gd-guangzhou-health] }";
    expect((await draft({ id: "city", spec: { scope } }, city)).status).toBe(201);
    expect((await draft({ id: "town", spec: { scope: "{ organizations: [gd-hrss] }" } }, city)).status).toBe(
      403,
    );
  });

  it("does not narrow a rule of the province by a new version of it", async () => {
    await established({ id: "provincial" });
    const local = await harness.callerWith([{ role: "security_administrator", cloud: "guangzhou" }]);
    const fields = { id: "provincial", version: 2, spec: { scope: "{ clouds: [guangzhou] }" } };
    expect((await draft(fields, local)).status).toBe(403);
  });
});

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
    expect((await call(author, "POST /policies", { body: { yaml } })).body).toMatchObject({ code });
    expect((await call(author, "POST /policies/validate", { body: { yaml } })).body).toMatchObject({
      valid: false,
    });
  });

  it("that loosens one above it, or has the short code of another", async () => {
    await established({ id: "strict" });
    const spec = { inherits: "strict", scope: "{ clouds: [guangzhou] }", action: "warn" };
    expect((await draft({ id: "loose", spec })).body).toMatchObject({ code: "policy.loosens" });
    const yaml = policyYaml({ id: "twin" }).replace("rule: TWIN", "rule: STRICT");
    expect((await call(author, "POST /policies", { body: { yaml } })).body).toMatchObject({
      code: "policy.clash",
    });
  });

  it("with position and suggestion", async () => {
    const yaml = policyYaml({ spec: validation("cloud.mlpsLevl > 1") });
    const { issues } = (await call(author, "POST /policies/validate", { body: { yaml } })).body;
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
    const { body } = await call(author, "POST /policies/validate", {
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
  const current = async () => (await call(author, "GET /policies/filed")).body;

  it("are registered at a start, once, and only forwards", async () => {
    await registerFiles(app, files(2));
    await registerFiles(app, files(2));
    expect(await current()).toMatchObject({ version: 2 });
    await registerFiles(app, files(1));
    expect(await current()).toMatchObject({ version: 2 });
    await registerFiles(app, files(3, "warn"));
    expect(await current()).toMatchObject({ version: 3, action: "warn" });
    expect(itemsOf(await call(author, "GET /policies/filed/versions"))).toHaveLength(2);
  });

  it("that changed without another version stop the start", async () => {
    await expect(registerFiles(app, files(3, "audit"))).rejects.toThrow(PolicyLoadError);
  });
});
