import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, idsOf } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { organizationRoutes } from "./routes.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let operator: Caller;
let member: Caller;
let ofCity: Caller;
let ofCloud: Caller;

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, organizationRoutes);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
  member = await harness.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
  ofCity = await harness.callerWith([{ role: "approver", organization: "gd-guangzhou" }]);
  ofCloud = await harness.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
});
afterAll(() => harness.close());

describe("organizations", () => {
  it("are shown to everybody with an account", async () => {
    const one = await call(member, "GET /organizations/gd-guangzhou-health");
    expect(one.headers.get("etag")).toBe('"1"');
    expect(one.body).toMatchObject({
      parentId: "gd-guangzhou",
      path: "/gd/gd-guangzhou/gd-guangzhou-health/",
      name: { zh: "广州市卫生健康委员会" },
      jurisdiction: "440100",
    });
    expect((await call(member, "GET /organizations/nobody")).status).toBe(404);
  });

  it.each([
    ["parentId=gd-guangzhou", ["gd-guangzhou-health"]],
    ["kind=government", ["gd"]],
    ["level=province", ["gd", "gd-hrss"]],
    ["jurisdiction=440300", ["gd-shenzhen"]],
    [`q=${encodeURIComponent("卫生")}`, ["gd-guangzhou-health"]],
    ["q=_", []],
  ])("are filtered by %s", async (query, expected) => {
    expect(idsOf(await call(ofCloud, `GET /organizations?${query}`))).toEqual(expected);
  });

  it("come in pages", async () => {
    const first = await call(member, "GET /organizations?limit=4");
    const second = await call(member, `GET /organizations?limit=4&cursor=${first.body.nextCursor}`);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(5);
    expect((await call(member, "GET /organizations?limit=0")).body.code).toBe("http.invalid_input");
  });
});

describe("systems", () => {
  it("are seen where the caller may see their requests, and are otherwise not there", async () => {
    expect(idsOf(await call(operator, "GET /systems"))).toEqual(["sys_a1", "sys_a2", "sys_a3"]);
    expect(idsOf(await call(member, "GET /systems"))).toEqual(["sys_a1"]);
    expect(idsOf(await call(ofCity, "GET /systems"))).toEqual(["sys_a2", "sys_a3"]);
    expect((await call(ofCity, "GET /systems/sys_a2")).body).toMatchObject({
      organizationId: "gd-guangzhou-health",
      name: { zh: "全民健康信息平台", en: "全民健康信息平台" },
      mlpsLevel: 3,
    });
    expect(await call(ofCity, "GET /systems/sys_a1")).toMatchObject({
      status: 404,
      body: { code: "http.not_found" },
    });
    expect((await call(member, "GET /systems/sys_a2")).status).toBe(404);
  });

  it("are filtered by organization and level", async () => {
    expect(
      idsOf(await call(operator, "GET /systems?organizationId=gd-guangzhou-health&mlpsLevel=2")),
    ).toEqual(["sys_a3"]);
    expect(idsOf(await call(member, "GET /systems?organizationId=gd-guangzhou-health"))).toEqual([]);
  });

  it("are seen by a cloud's operator once something is asked of that cloud for them", async () => {
    expect(idsOf(await call(ofCloud, "GET /systems"))).toEqual([]);
    await harness.app.db.withTx((tx) =>
      queryRows(
        tx,
        // Only what this room looks at is filled in; the rest is as empty as the table allows.
        sql`INSERT INTO tenancy_requests SELECT * FROM jsonb_populate_record(null::tenancy_requests, ${JSON.stringify(
          {
            id: "req_1",
            kind: "create",
            organization_id: "gd-hrss",
            system_id: "sys_a1",
            cloud_id: "guangzhou",
            submitted_by: "acc_1",
            status: "submitted",
            body: {},
            decision: {},
            facts: {},
            created_at: "2026-11-20T00:00:00Z",
            updated_at: "2026-11-20T00:00:00Z",
            generation: 1,
          },
        )}::jsonb)`,
      ),
    );
    expect(idsOf(await call(ofCloud, "GET /systems"))).toEqual(["sys_a1"]);
    expect((await call(ofCloud, "GET /systems/sys_a1")).status).toBe(200);
    expect((await call(ofCloud, "GET /systems/sys_a2")).status).toBe(404);
  });
});
