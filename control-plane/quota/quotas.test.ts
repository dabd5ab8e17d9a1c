import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiOf, idsOf, itemsOf, type TestAnswer } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince, smallQuota } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { deriveQuota } from "./derive.ts";
import { quotaRoutes } from "./routes.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let operator: Caller;

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, quotaRoutes);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
});
afterAll(() => harness.close());

beforeEach(() =>
  harness.app.db.withTx(async (tx) => {
    await tx.execute(sql`DELETE FROM quota_limits`);
    await tx.execute(sql`DELETE FROM quota_nodes`);
    await smallQuota(tx);
  }),
);

const auditRows = () =>
  harness.app.db.withTx((tx) => queryRows(tx, sql`SELECT * FROM audit_entries ORDER BY id DESC`));

/** Claims at a node, counted as the ledger counts them. */
async function use(nodeId: string, held: number, used: number): Promise<void> {
  await harness.app.db.withTx(async (tx) => {
    await tx.execute(sql`
      UPDATE quota_limits SET held = held + ${held}::bigint, used = used + ${used}::bigint
       WHERE node_id = ${nodeId} AND resource_class = 'VCPU'`);
    await deriveQuota(tx);
  });
}

const HEALTH = "/quotas/gd.guangzhou.health";

function vcpuOf(answer: TestAnswer): unknown {
  const { classes } = answer.body;
  if (!Array.isArray(classes)) throw new Error(answer.text);
  return classes[0];
}

const put = (
  caller: Caller,
  nominal: number,
  borrowingLimit: number | null,
  headers: Record<string, string> = { "if-match": '"1"' },
  query = "",
) =>
  call(caller, `PUT ${HEALTH}${query}`, {
    headers,
    body: { limits: { VCPU: { nominal, borrowingLimit, lendingLimit: 80 } } },
  });

describe("reading quotas", () => {
  it("shows limits, what follows from them, and what is taken in the subtree", async () => {
    await use("gd.guangzhou.health", 10, 30);
    await use("gd.guangzhou", 0, 5);
    const health = await call(operator, `GET ${HEALTH}`);
    expect(health.headers.get("etag")).toBe('"1"');
    expect(health.body).toMatchObject({ parentId: "gd.guangzhou", childIds: [], kind: "department" });
    // 20 of 100 are never lent; of the rest 20 are borne by the parent; 50 may be borrowed.
    expect(vcpuOf(health)).toEqual({
      resourceClass: "VCPU",
      nominal: 100,
      borrowingLimit: 50,
      lendingLimit: 80,
      localQuota: 20,
      subtreeQuota: 100,
      used: 30,
      held: 10,
      subtreeUsed: 30,
      subtreeHeld: 10,
      available: 110,
      potentiallyAvailable: 150,
      borrowed: 0,
      frozenBy: null,
    });
    const cloud = await call(operator, "GET /quotas/gd.guangzhou");
    expect(cloud.body.childIds).toEqual(["gd.guangzhou.health"]);
    expect(vcpuOf(cloud)).toMatchObject({
      used: 5,
      held: 0,
      subtreeUsed: 35,
      subtreeHeld: 10,
      subtreeQuota: 280,
    });
    const root = await call(operator, "GET /quotas/gd");
    expect(vcpuOf(root)).toMatchObject({ used: 0, subtreeUsed: 35, subtreeHeld: 10 });
    expect(root.body.childIds).toEqual(["gd.guangzhou", "gd.provincial"]);
  });

  it("lists the same figures as the single node, in pages", async () => {
    await use("gd.guangzhou.health", 10, 30);
    const first = await call(operator, "GET /quotas?limit=2");
    const second = await call(operator, `GET /quotas?limit=9&cursor=${first.body.nextCursor}`);
    const all = [...itemsOf(first), ...itemsOf(second)];
    expect(all.map(({ id }) => id)).toEqual([
      "gd",
      "gd.guangzhou",
      "gd.guangzhou.health",
      "gd.provincial",
      "gd.provincial.hrss",
    ]);
    for (const item of all) expect(item).toEqual((await call(operator, `GET /quotas/${item.id}`)).body);
  });

  it.each([
    ["parentId=gd", ["gd.guangzhou", "gd.provincial"]],
    ["cloudId=guangzhou", ["gd.guangzhou", "gd.guangzhou.health"]],
    ["organizationId=gd-hrss", ["gd.provincial.hrss"]],
    ["organizationId=gd-shenzhen", []],
  ])("is filtered by %s", async (query, expected) => {
    expect(idsOf(await call(operator, `GET /quotas?${query}`))).toEqual(expected);
  });

  it("stays within the caller's scope", async () => {
    const ofCloud = await harness.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
    const ofCity = await harness.callerWith([{ role: "approver", organization: "gd-guangzhou" }]);
    expect(idsOf(await call(ofCloud, "GET /quotas"))).toEqual(["gd.guangzhou", "gd.guangzhou.health"]);
    expect(idsOf(await call(ofCity, "GET /quotas"))).toEqual(["gd.guangzhou.health"]);
    expect((await call(ofCloud, "GET /quotas/gd")).status).toBe(404);
    expect((await call(ofCity, "GET /quotas/gd.guangzhou")).status).toBe(404);
    expect((await call(operator, "GET /quotas/none")).status).toBe(404);
  });
});

describe("changing limits", () => {
  it("is refused without the permission, out of scope, and out of sight", async () => {
    const member = await harness.callerWith([
      { role: "department_member", organization: "gd-guangzhou-health" },
    ]);
    expect(await put(member, 90, 50)).toMatchObject({ status: 403, body: { code: "auth.forbidden" } });
    const mixed = await harness.callerWith([
      { role: "approver" },
      { role: "provincial_operator", cloud: "provincial" },
    ]);
    expect(await put(mixed, 90, 50)).toMatchObject({ status: 403, body: { code: "auth.forbidden" } });
    const elsewhere = await harness.callerWith([{ role: "provincial_operator", cloud: "provincial" }]);
    expect((await put(elsewhere, 90, 50)).status).toBe(404);
    expect(vcpuOf(await call(operator, `GET ${HEALTH}`))).toMatchObject({ nominal: 100 });
  });

  it("needs the state that was seen", async () => {
    const without = await put(operator, 90, 50, {});
    expect(without).toMatchObject({ status: 428, body: { code: "http.precondition_required" } });
    const stale = await put(operator, 90, 50, { "if-match": '"7"' });
    expect(stale).toMatchObject({ status: 412, body: { code: "http.precondition_failed" } });
  });

  it("derives the figures of the whole chain and leaves an audit row", async () => {
    await use("gd.guangzhou.health", 0, 40);
    const answer = await put(operator, 120, 10);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"2"');
    expect(vcpuOf(answer)).toMatchObject({ nominal: 120, borrowingLimit: 10, localQuota: 40, used: 40 });
    const { body } = await call(operator, `GET ${HEALTH}`);
    expect(answer.body).toEqual({ ...body, consequences: null });
    const { corrected } = await harness.app.db.withTx(deriveQuota);
    expect(corrected).toEqual([]);
    const [row] = await auditRows();
    expect(row).toMatchObject({
      action: "quota.update",
      target_id: "gd.guangzhou.health",
      cloud_id: "guangzhou",
      organization_id: "gd-guangzhou-health",
      before: { generation: 1, limits: { VCPU: { nominal: 100, borrowingLimit: 50, lendingLimit: 80 } } },
      after: { generation: 2, limits: { VCPU: { nominal: 120, borrowingLimit: 10, lendingLimit: 80 } } },
    });
    expect((await put(operator, 120, 10)).status).toBe(412);
  });

  it("lets one of two changes win that have seen the same state", async () => {
    const answers = await Promise.all([put(operator, 110, 50), put(operator, 120, 50)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  });

  it("can be tried without keeping anything", async () => {
    const rows = (await auditRows()).length;
    const tried = await put(operator, 60, 0, undefined, "?dryRun=true");
    expect(tried.headers.get("etag")).toBe('"1"');
    expect(vcpuOf(tried)).toMatchObject({ nominal: 60, available: 60, potentiallyAvailable: 60 });
    expect(vcpuOf(await call(operator, `GET ${HEALTH}`))).toMatchObject({ nominal: 100 });
    expect(await auditRows()).toHaveLength(rows);
  });

  it("refuses a limit below what is in use, and says who is over and by how much", async () => {
    await use("gd.guangzhou.health", 20, 90);
    const refused = await put(operator, 90, 10);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: "quota.over_limit",
        details: {
          excesses: [
            { nodeId: "gd.guangzhou.health", dimension: "VCPU", limit: 100, used: 90, held: 20, missing: 10 },
          ],
          choices: ["freeze", "grace", "shrink"],
        },
      },
    });
    expect((await put(operator, 100, 10)).status).toBe(200);
  });

  it("refuses to take from a parent what a sibling borrows", async () => {
    await use("gd.provincial.hrss", 0, 100);
    await use("gd.guangzhou", 0, 300);
    const lowered = await call(operator, "PUT /quotas/gd.guangzhou", {
      headers: { "if-match": '"1"' },
      body: { limits: { VCPU: { nominal: 100, borrowingLimit: 100, lendingLimit: null } } },
    });
    expect(lowered.body.details).toMatchObject({
      excesses: [{ nodeId: "gd.guangzhou", limit: 280, used: 300, missing: 20 }],
    });
  });

  it("adds a class that the node did not have, and leaves the other classes alone", async () => {
    const answer = await call(operator, `PUT ${HEALTH}`, {
      headers: { "if-match": '"1"' },
      body: { limits: { GPU: { nominal: 4, borrowingLimit: 0, lendingLimit: 0 } } },
    });
    expect(answer.body.classes).toMatchObject([
      { resourceClass: "VCPU", nominal: 100 },
      { resourceClass: "MEMORY_GIB", nominal: 100 },
      { resourceClass: "GPU", nominal: 4, available: 4 },
    ]);
    expect((await harness.app.db.withTx(deriveQuota)).corrected).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, "no class"],
    [{ RAM: { nominal: 1, borrowingLimit: null, lendingLimit: null } }, "an unknown class"],
    [{ VCPU: { nominal: -1, borrowingLimit: null, lendingLimit: null } }, "a negative quantity"],
    [{ VCPU: { nominal: 1.5, borrowingLimit: null, lendingLimit: null } }, "a fraction"],
    [{ VCPU: { nominal: 2 ** 53, borrowingLimit: null, lendingLimit: null } }, "more than can be exact"],
    [{ VCPU: { nominal: 2 ** 53 - 1, borrowingLimit: null, lendingLimit: null } }, "an inexact sum"],
    [{ VCPU: { nominal: 1 } }, "half a limit"],
  ])("refuses %j: %s", async (limits, _reason) => {
    const answer = await call(operator, `PUT ${HEALTH}`, {
      headers: { "if-match": '"1"' },
      body: { limits },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: "http.invalid_input" } });
  });
});
