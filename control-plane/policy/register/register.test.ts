import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idsOf, itemsOf } from "../../../tests/support/api.ts";
import { queryRows } from "../../db/tx.ts";
import { DAY_MS } from "../../kernel/clock.ts";
import { policyYaml } from "../policy.fixture.ts";
import { registeredPolicies } from "./in-force.ts";
import { openRegister, type Register } from "./register.fixture.ts";

let register: Register;

beforeAll(async () => {
  register = await openRegister();
});
afterAll(() => register.harness.close());

const inForce = async () => idsOf(await register.call(register.author, "GET /policies"));

describe("the life of a version", () => {
  it("goes from draft over active to retired, and every process decides by it at once", async () => {
    const elsewhere = registeredPolicies();
    const seenElsewhere = async () =>
      (await register.app.db.read((tx) => elsewhere.inForce(tx, register.app.clock.now()))).byId.has("life");
    expect((await register.draft({ id: "life" })).body).toMatchObject({
      status: "draft",
      inForce: false,
      generation: 1,
    });
    expect([await inForce(), await seenElsewhere()]).toEqual([[], false]);
    expect((await register.activate("life")).body).toMatchObject({
      status: "active",
      inForce: true,
      author: register.author.actor.accountId,
      approver: register.security.actor.accountId,
      from: register.app.clock.now().toISOString(),
      until: null,
    });
    expect([await inForce(), await seenElsewhere()]).toEqual([["life"], true]);
    expect((await register.retire("life")).body).toMatchObject({
      status: "retired",
      inForce: false,
      reason: "不再需要",
    });
    expect([await inForce(), await seenElsewhere()]).toEqual([[], false]);
    const audited = await register.app.db.read((tx) =>
      queryRows(tx, sql`SELECT action FROM audit_entries WHERE target_id = 'life' ORDER BY id`),
    );
    expect(audited.map(({ action }) => action)).toEqual(["policy.draft", "policy.activate", "policy.retire"]);
  });

  it("shows its difference from the version before", async () => {
    await register.establish({ id: "two" });
    await register.establish({ id: "two", version: 2, spec: { action: "warn" } });
    const versions = itemsOf(await register.call(register.author, "GET /policies/two/versions"));
    expect(versions.map(({ inForce: now, readable }) => [now, readable])).toEqual([
      [true, ["  metadata.version: 1 -> 2", '  spec.action: "deny" -> "warn"']],
      [false, expect.arrayContaining(['+ spec.action: "deny"'])],
    ]);
    expect((await register.call(register.author, "GET /policies/two")).body).toMatchObject({
      version: 2,
      action: "warn",
    });
    expect((await register.call(register.author, "GET /policies/two/versions/9")).status).toBe(404);
  });

  it("needs two persons", async () => {
    await register.draft({ id: "alone" }, register.security);
    expect((await register.activate("alone")).body).toMatchObject({ code: "auth.self_approval" });
    const another = await register.harness.callerWith([{ role: "security_administrator" }]);
    expect((await register.activate("alone", 1, another)).status).toBe(200);
    expect((await register.activate("alone", 1, register.author)).status).toBe(403);
    expect((await register.retire("alone")).body).toMatchObject({ code: "auth.self_approval" });
  });

  it("keeps nothing on a dry run", async () => {
    const yaml = policyYaml({ id: "dry" });
    const tried = await register.call(register.author, "POST /policies?dryRun=true", { body: { yaml } });
    expect(tried.body).toMatchObject({ status: "draft", policy: { id: "dry" } });
    expect((await register.call(register.author, "GET /policies/dry/versions")).status).toBe(404);
    await register.draft({ id: "dry" });
    const activation = await register.call(
      register.security,
      "POST /policies/dry/versions/1/activate?dryRun=true",
    );
    expect(activation.body).toMatchObject({ status: "active", inForce: true });
    expect((await register.call(register.author, "GET /policies/dry/versions/1")).body).toMatchObject({
      status: "draft",
    });
  });

  it("begins on its first day, by the clock alone", async () => {
    await register.draft({ id: "later", metadata: ", effective: { from: 2026-11-22 }" });
    expect((await register.activate("later")).body).toMatchObject({
      inForce: false,
      from: "2026-11-21T16:00:00.000Z",
    });
    expect(await inForce()).not.toContain("later");
    register.harness.clock.advance(2 * DAY_MS);
    expect(await inForce()).toContain("later");
    register.harness.clock.advance(-2 * DAY_MS);
  });

  it("cannot be changed once it is active, not even in the database", async () => {
    await register.establish({ id: "fixed" });
    expect((await register.draft({ id: "fixed", spec: { action: "warn" } })).body).toMatchObject({
      code: "policy.version_immutable",
    });
    const tampered = register.app.db.withTx((tx) =>
      tx.execute(sql`UPDATE policy_versions SET document = '{}'::jsonb WHERE id = 'fixed'`),
    );
    await expect(tampered).rejects.toMatchObject({ cause: { code: "23001" } });
    await register.establish({ id: "fixed", version: 5 });
    expect((await register.draft({ id: "fixed", version: 4 })).body).toMatchObject({
      code: "policy.version_not_newer",
    });
    expect(
      (
        await register.call(register.security, "POST /policies/fixed/versions/5/activate", {
          headers: { "if-match": '"9"' },
        })
      ).status,
    ).toBe(412);
  });

  it("is replaced as a draft, and stays the same where nothing is new", async () => {
    const first = await register.draft({ id: "sketch" });
    expect((await register.draft({ id: "sketch" })).body.generation).toBe(first.body.generation);
    const second = await register.draft({ id: "sketch", spec: { action: "warn" } });
    expect(second.body).toMatchObject({ generation: 2, policy: { action: "warn" } });
    expect((await register.retire("sketch")).body).toMatchObject({ code: "policy.invalid_transition" });
  });

  it("ends no policy from which others inherit", async () => {
    await register.establish({ id: "above" });
    await register.establish({ id: "below", spec: { inherits: "above", scope: "{ clouds: [guangzhou] }" } });
    expect((await register.retire("above")).body).toMatchObject({
      code: "policy.has_heirs",
      details: { heirs: ["below"] },
    });
    expect((await register.retire("below")).status).toBe(200);
    expect((await register.retire("above")).status).toBe(200);
  });
});

describe("whoever answers for a part", () => {
  it("makes rules for that part only", async () => {
    const local = await register.harness.callerWith([{ role: "security_administrator", cloud: "guangzhou" }]);
    expect((await register.draft({ id: "wide" }, local)).status).toBe(403);
    expect(
      (await register.draft({ id: "far", spec: { scope: "{ clouds: [shenzhen] }" } }, local)).status,
    ).toBe(403);
    expect(
      (await register.draft({ id: "near", spec: { scope: "{ clouds: [guangzhou] }" } }, local)).status,
    ).toBe(201);
    const city = await register.harness.callerWith([
      { role: "security_administrator", organization: "gd-guangzhou" },
    ]);
    const scope = "{ organizations: [gd-guangzhou-health] }";
    expect((await register.draft({ id: "city", spec: { scope } }, city)).status).toBe(201);
    expect(
      (await register.draft({ id: "town", spec: { scope: "{ organizations: [gd-hrss] }" } }, city)).status,
    ).toBe(403);
  });

  it("does not narrow a rule of the province by a new version of it", async () => {
    await register.establish({ id: "provincial" });
    const local = await register.harness.callerWith([{ role: "security_administrator", cloud: "guangzhou" }]);
    const fields = { id: "provincial", version: 2, spec: { scope: "{ clouds: [guangzhou] }" } };
    expect((await register.draft(fields, local)).status).toBe(403);
  });
});
