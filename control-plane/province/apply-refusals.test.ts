import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import type { App } from "../context.ts";
import { queryRows, type SqlRow } from "../db/tx.ts";
import { reviewOverLimits } from "../over-limits/review.ts";
import { perform } from "../verb.ts";
import {
  apply,
  comparable,
  emptied,
  holdSome,
  small,
  withoutDepartment,
  withoutPools,
} from "./apply.fixture.ts";
import { applyProvince } from "./apply.ts";
import { loadProvince } from "./rows.ts";

let tested: TestApp;
let app: App;
beforeAll(async () => {
  tested = await testApp();
  app = tested.app;
});
beforeEach(() => emptied(app));
afterAll(() => tested.close());

const query = (text: string): Promise<SqlRow[]> => app.db.withTx((tx) => queryRows(tx, sql.raw(text)));
const stored = async () => comparable(await app.db.withTx(loadProvince));

describe("what is in use", () => {
  it("keeps a pool and a quota node with a hold, and leaves nothing half done", async () => {
    await apply(app, small());
    await holdSome(app, { VCPU: 30 });
    const attempt = apply(app, withoutPools(withoutDepartment(small())), { prune: true });
    await expect(attempt).rejects.toMatchObject({
      code: "province.in_use",
      details: {
        count: 2,
        obstacles: [
          { action: "delete", kind: "Pool", id: "main-kunpeng", blocker: "hold", count: 1, example: "req_1" },
          {
            action: "delete",
            kind: "QuotaNode",
            id: "gd.main.gd-hrss",
            blocker: "hold",
            count: 1,
            example: "req_1",
          },
        ],
      },
    });
    expect(await stored()).toEqual(comparable(small()));
  });

  it("does not move a pool from under its holds", async () => {
    await apply(app, small());
    await holdSome(app, { VCPU: 30 });
    const moved = small(
      ["zone: main-extranet", "zone: main-other"],
      [
        "    - { id: main-extranet",
        "    - { id: main-other, kind: internet, name: { zh: 另, en: Other } }\n    - { id: main-extranet",
      ],
    );
    await expect(apply(app, moved)).rejects.toMatchObject({
      code: "province.in_use",
      details: { obstacles: [{ action: "change", kind: "Pool", blocker: "hold" }] },
    });
  });

  it("keeps an organization with accounts, grants, requests or systems of its own", async () => {
    await apply(app, small());
    await query(
      "INSERT INTO systems (id, organization_id, name, mlps_level, data_class) VALUES ('sys_1', 'gd-hrss', '新系统', 2, 'general')",
    );
    await query(
      "INSERT INTO accounts (id, name, display_name, organization_id, created_at) VALUES ('acc_1', 'a', 'A', 'gd-hrss', now())",
    );
    await query("INSERT INTO role_grants VALUES ('acc_1', 'department_member', 'organization', 'gd-hrss')");
    await query(`INSERT INTO tenancy_requests (id, kind, organization_id, system_id, submitted_by, body, status, decision, facts, created_at, updated_at)
                 VALUES ('req_1', 'create', 'gd-hrss', 'insurance', 'acc_1', '{}', 'rejected', '{}', '{}', now(), now())`);
    const attempt = apply(app, withoutDepartment(small()), { prune: true });
    await expect(attempt).rejects.toMatchObject({ code: "province.in_use" });
    const obstacles = await attempt.catch((error) => error.details.obstacles);
    expect(obstacles.map((one: SqlRow) => `${one.kind} ${one.id} ${one.blocker} ${one.example}`)).toEqual([
      "Organization gd-hrss request req_1",
      "Organization gd-hrss account acc_1",
      "Organization gd-hrss grant acc_1",
      "Organization gd-hrss system sys_1",
      "ApplicationSystem insurance request req_1",
    ]);
  });

  it("never prunes a system that a department registered itself", async () => {
    await apply(app, small());
    await query(
      "INSERT INTO systems (id, organization_id, name, mlps_level, data_class) VALUES ('sys_1', 'gd-hrss', '新系统', 2, 'general')",
    );
    expect(await apply(app, small(), { prune: true })).toEqual([]);
    expect(await query("SELECT count(*)::int AS count FROM systems")).toEqual([{ count: 2 }]);
  });
});

describe("limits below what is taken", () => {
  beforeEach(async () => {
    await apply(app, small());
    await holdSome(app, { VCPU: 30 });
  });

  it("refuses a capacity below it, and says by how much", async () => {
    // (30 - 12) * 1.5 = 27.
    const lowered = small(
      ["{ total: 100, reserved: 20", "{ total: 30, reserved: 12"],
      ["nominal: 60", "nominal: 0"],
      ["nominal: 40", "nominal: 20"],
      ["lendingLimit: 40", "lendingLimit: 20"],
    );
    await expect(apply(app, lowered)).rejects.toMatchObject({
      code: "capacity.over_limit",
      details: {
        choices: ["freeze", "grace", "shrink"],
        excesses: [{ poolId: "main-kunpeng", dimension: "VCPU", limit: 27, used: 0, held: 30, missing: 3 }],
      },
    });
    expect(await stored()).toEqual(comparable(small()));
  });

  it("lowers it where somebody has chosen what is to happen", async () => {
    const lowered = small(
      ["{ total: 100, reserved: 20", "{ total: 30, reserved: 12"],
      ["nominal: 60", "nominal: 0"],
      ["nominal: 40", "nominal: 20"],
      ["lendingLimit: 40", "lendingLimit: 20"],
    );
    await apply(app, lowered, { dryRun: true, overLimit: { choice: "freeze" } });
    expect(await query("SELECT id FROM over_limits")).toEqual([]);
    await apply(app, lowered, { overLimit: { choice: "freeze" } });
    expect(await stored()).toEqual(comparable(lowered));
    const cases = await query(
      "SELECT coalesce(node_id, pool_id) AS place, over::int AS over FROM over_limits",
    );
    expect(cases).toContainEqual({ place: "main-kunpeng", over: 3 });
    expect(await query("SELECT frozen FROM inventories WHERE resource_class = 'VCPU'")).toEqual([
      { frozen: true },
    ]);
    // A plan that says the same once more changes nothing, and raising it again ends the case.
    expect(await apply(app, lowered)).toEqual([]);
    await apply(app, small());
    await reviewOverLimits(app);
    expect(await query("SELECT id FROM over_limits WHERE closed_at IS NULL")).toEqual([]);
    expect(await query("SELECT DISTINCT frozen FROM inventories")).toEqual([{ frozen: false }]);
  });

  it("refuses to drop a resource class of which something is taken", async () => {
    const dropped = withoutPools(small());
    const [pool] = small(
      ["VCPU: { total: 100,", "GPU: { total: 100,"],
      ["VCPU: { nominal: 60, borrowingLimit: 0, lendingLimit: 0 }", ""],
      ["VCPU: { nominal: 40, borrowingLimit: null, lendingLimit: 40 }", ""],
    ).pools;
    await expect(apply(app, { ...dropped, pools: pool === undefined ? [] : [pool] })).rejects.toMatchObject({
      code: "capacity.exceeded",
      details: { excesses: [{ limit: 0, held: 30, missing: 30 }] },
    });
  });

  it("refuses a quota below it, at the node whose limit binds", async () => {
    const lowered = small(
      ["nominal: 60", "nominal: 5"],
      [
        "nominal: 40, borrowingLimit: null, lendingLimit: 40",
        "nominal: 10, borrowingLimit: 0, lendingLimit: 10",
      ],
    );
    await expect(apply(app, lowered)).rejects.toMatchObject({
      code: "quota.over_limit",
      details: {
        excesses: [
          { nodeId: "gd", dimension: "VCPU", limit: 0, used: 0, held: 15, missing: 15 },
          { nodeId: "gd.main", dimension: "VCPU", limit: 15, used: 0, held: 30, missing: 15 },
          { nodeId: "gd.main.gd-hrss", dimension: "VCPU", limit: 10, used: 0, held: 30, missing: 20 },
        ],
      },
    });
    expect(
      await query(
        "SELECT held::int AS held, usage::int AS usage FROM quota_limits WHERE node_id = 'gd.main.gd-hrss' AND resource_class = 'VCPU'",
      ),
    ).toEqual([{ held: 30, usage: 30 }]);
  });

  it("allows a nominal quota below it where the node may borrow the rest, and keeps the counters", async () => {
    await apply(app, small(["nominal: 40", "nominal: 10"], ["lendingLimit: 40", "lendingLimit: 10"]));
    expect(
      await query(
        "SELECT node_id, held::int AS held, usage::int AS usage FROM quota_limits WHERE resource_class = 'VCPU' ORDER BY node_id",
      ),
    ).toEqual([
      { node_id: "gd", held: 0, usage: 0 },
      { node_id: "gd.main", held: 0, usage: 30 },
      { node_id: "gd.main.gd-hrss", held: 30, usage: 30 },
    ]);
    expect(await query("SELECT held::int AS held FROM inventories")).toEqual([{ held: 30 }]);
  });
});

describe("who and what is refused", () => {
  it("a second provincial cloud beside one that is not in the files", async () => {
    await apply(app, small());
    const [other] = small(
      ["metadata: { id: main, name", "metadata: { id: again, name"],
      ["main-extranet, kind", "again-extranet, kind"],
      ["  cloud: main\n  zone: main-extranet", "  cloud: again\n  zone: again-extranet"],
      ["  kind: cloud\n  cloud: main", "  kind: cloud\n  cloud: again"],
      ["  kind: department\n  cloud: main", "  kind: department\n  cloud: again"],
    ).clouds;
    const files = { ...small(), clouds: other === undefined ? [] : [other], pools: [], quotaNodes: [] };
    await expect(apply(app, files)).rejects.toMatchObject({
      code: "province.invalid",
      details: { problems: [{ path: "spec.tier", reason: { zh: expect.stringContaining("只能有一朵") } }] },
    });
  });

  it("a name that another system of the organization has, which only the database knows", async () => {
    await apply(app, withoutDepartment(small()));
    await apply(app, { ...small(), systems: [] });
    await query(
      "INSERT INTO systems (id, organization_id, name, mlps_level, data_class) VALUES ('sys_1', 'gd-hrss', '社保系统', 3, 'general')",
    );
    await expect(apply(app, small())).rejects.toMatchObject({
      code: "province.conflict",
      details: { constraint: "systems_organization_name" },
    });
  });

  it("somebody whose authority does not cover the whole province", async () => {
    const grant = {
      role: "system_administrator",
      scopeKind: "organization",
      scopeId: "gd",
      organizationPath: "/gd/",
    } as const;
    const caller = {
      actor: { accountId: null, name: "a", organizationId: null, grants: [grant] },
      requestId: "r",
      sourceAddress: null,
    };
    await expect(
      perform(app, caller, applyProvince, { province: small(), prune: false, dryRun: false }),
    ).rejects.toMatchObject({ code: "auth.forbidden" });
  });
});
