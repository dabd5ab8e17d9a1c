import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, idsOf, itemsOf } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { cloudRoutes } from "./routes.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let operator: Caller;
let member: Caller;
let ofGuangzhou: Caller;

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, cloudRoutes);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
  member = await harness.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
  ofGuangzhou = await harness.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
});
afterAll(() => harness.close());

const rows = (table: "audit_entries" | "events") =>
  harness.app.db.withTx((tx) => queryRows(tx, sql`SELECT * FROM ${sql.raw(table)} ORDER BY id`));

describe("clouds", () => {
  it("are shown to everybody with an account, without their connections", async () => {
    const list = await call(member, "GET /clouds");
    expect(idsOf(list)).toEqual(["guangzhou", "health", "provincial", "shenzhen"]);
    const one = await call(member, "GET /clouds/guangzhou");
    expect(one.status).toBe(200);
    expect(one.headers.get("etag")).toBe('"1"');
    expect(one.body).toMatchObject({
      id: "guangzhou",
      tier: "municipal",
      jurisdiction: "440100",
      operatingModel: "separated",
      providerKind: "simulated",
      assessments: { security: { validUntil: "2028-03-31" } },
      zones: [{ id: "guangzhou-extranet" }, { id: "guangzhou-internet", kind: "internet" }],
      health: { reachable: true, lastProbedAt: null },
    });
    expect(list.text + one.text).not.toMatch(/connection|do-not-show|cloud\.internal/);
  });

  it.each([
    ["tier=municipal", ["guangzhou", "shenzhen"]],
    ["jurisdiction=440300", ["shenzhen"]],
    ["sector=health", ["health"]],
    ["status=suspended", []],
    ["q=GUANG", ["guangzhou"]],
    ["q=%25", []],
  ])("are filtered by %s", async (query, expected) => {
    expect(idsOf(await call(member, `GET /clouds?${query}`))).toEqual(expected);
  });

  it("come in pages that neither repeat nor skip", async () => {
    const first = await call(member, "GET /clouds?limit=3");
    expect(itemsOf(first)).toHaveLength(3);
    const second = await call(member, `GET /clouds?limit=3&cursor=${first.body.nextCursor}`);
    expect(idsOf(second)).toEqual(["shenzhen"]);
    expect(second.body.nextCursor).toBeNull();
    expect((await call(member, "GET /clouds?cursor=bm8")).body.code).toBe("http.invalid_cursor");
  });

  it("unknown ids, parameters and values have their own answers", async () => {
    expect((await call(member, "GET /clouds/nowhere")).status).toBe(404);
    expect((await call(member, "GET /clouds?colour=red")).body.code).toBe("http.invalid_input");
    expect((await call(member, "GET /clouds?tier=lunar")).body.code).toBe("http.invalid_input");
    expect((await call(member, "GET /clouds?q=%00")).body.code).toBe("http.invalid_input");
  });
});

describe("suspending a cloud", () => {
  it("is refused to those who operate nothing or another cloud", async () => {
    const body = { reason: "检修" };
    expect((await call(member, "POST /clouds/shenzhen/suspend", { body })).body.code).toBe("auth.forbidden");
    const foreign = await call(ofGuangzhou, "POST /clouds/shenzhen/suspend", { body });
    expect(foreign).toMatchObject({ status: 403, body: { code: "auth.forbidden" } });
    expect((await call(ofGuangzhou, "POST /clouds/nowhere/suspend", { body })).status).toBe(404);
    expect((await call(member, "GET /clouds/shenzhen")).body.status).toBe("active");
    const refused = (await rows("audit_entries")).filter(({ outcome }) => outcome === "refused");
    // The first is the look at a cloud that does not exist, above.
    expect(refused.map(({ target_id, after }) => [target_id, after])).toEqual([
      ["nowhere", expect.objectContaining({ verb: "cloud.get" })],
      ["shenzhen", expect.objectContaining({ verb: "cloud.suspend" })],
      ["shenzhen", expect.objectContaining({ verb: "cloud.suspend" })],
      ["nowhere", expect.objectContaining({ verb: "cloud.suspend" })],
    ]);
  });

  it("needs a reason that can be read", async () => {
    for (const reason of [undefined, "", "  ", "a\u202eb", 7]) {
      const answer = await call(operator, "POST /clouds/shenzhen/suspend", { body: { reason } });
      expect(answer.body.code).toBe("http.invalid_input");
    }
  });

  it("leaves an audit row and an event, and happens once", async () => {
    const events = (await rows("events")).length;
    const body = { reason: "停电检修" };
    const answer = await call(ofGuangzhou, "POST /clouds/guangzhou/suspend", { body });
    expect(answer).toMatchObject({ status: 200, body: { status: "suspended", generation: 2 } });
    expect(answer.headers.get("etag")).toBe('"2"');
    expect((await call(operator, "POST /clouds/guangzhou/suspend", { body })).body.generation).toBe(2);
    const written = (await rows("audit_entries")).filter(({ action }) => action === "cloud.suspend");
    expect(written).toMatchObject([
      {
        target_id: "guangzhou",
        cloud_id: "guangzhou",
        reason: "停电检修",
        before: { status: "active", generation: 1 },
        after: { status: "suspended", generation: 2 },
        source_address: "10.0.0.8",
      },
    ]);
    expect(await rows("events")).toHaveLength(events + 1);
  });

  it("is taken back by resuming, where the caller has seen the latest state", async () => {
    const body = { reason: "检修完成" };
    const stale = await call(operator, "POST /clouds/guangzhou/resume", {
      body,
      headers: { "if-match": '"1"' },
    });
    expect(stale).toMatchObject({ status: 412, body: { code: "http.precondition_failed" } });
    const fresh = await call(operator, "POST /clouds/guangzhou/resume", {
      body,
      headers: { "if-match": '"2"' },
    });
    expect(fresh).toMatchObject({ status: 200, body: { status: "active", generation: 3 } });
  });
});

describe("pools", () => {
  it("show what they have and what is left of it", async () => {
    await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`UPDATE inventories SET used = 300, held = 40 WHERE total = 1000 RETURNING pool_id`),
    );
    const pool = await call(member, "GET /pools/guangzhou-extranet-kunpeng");
    expect(pool.headers.get("etag")).toBe('"1"');
    expect(pool.body).toMatchObject({
      cloudId: "guangzhou",
      zone: { id: "guangzhou-extranet", kind: "extranet" },
      xinchuang: true,
      traits: ["xinchuang", "cpu:kunpeng"],
      inventories: [
        {
          resourceClass: "VCPU",
          total: 1000,
          reserved: 200,
          minUnit: 1,
          maxUnit: 500,
          stepSize: 1,
          allocationRatio: 1.5,
          capacity: 1200,
          used: 300,
          held: 40,
          free: 860,
        },
        { resourceClass: "MEMORY_GIB", capacity: 4800 },
      ],
    });
  });

  it("never show less than nothing as free", async () => {
    await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`UPDATE inventories SET used = 9000 WHERE total = 2000 RETURNING pool_id`),
    );
    const pool = await call(member, "GET /pools/provincial-extranet-kunpeng");
    expect(pool.body.inventories).toMatchObject([{ capacity: 3000, used: 9000, free: 0 }]);
  });

  it.each([
    ["cloudId=guangzhou", ["guangzhou-extranet-kunpeng", "guangzhou-internet-intel"]],
    ["zone=internet", ["guangzhou-internet-intel"]],
    ["architecture=kunpeng", ["guangzhou-extranet-kunpeng", "provincial-extranet-kunpeng"]],
    ["mlpsLevel=2", ["guangzhou-internet-intel"]],
    ["xinchuang=true", ["guangzhou-extranet-kunpeng", "provincial-extranet-kunpeng"]],
    ["xinchuang=false", ["guangzhou-internet-intel"]],
    ["cloudId=guangzhou&xinchuang=true&zone=internet", []],
  ])("are filtered by %s", async (query, expected) => {
    expect(idsOf(await call(member, `GET /pools?${query}`))).toEqual(expected);
  });

  it("come in pages, and 404 where there is none", async () => {
    const first = await call(member, "GET /pools?limit=2");
    const second = await call(member, `GET /pools?limit=2&cursor=${first.body.nextCursor}`);
    expect([...idsOf(first), ...idsOf(second)]).toHaveLength(3);
    expect((await call(member, "GET /pools/nothing")).status).toBe(404);
  });
});
