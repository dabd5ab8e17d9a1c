import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import type { App } from "../context.ts";
import { queryRows, type SqlRow } from "../db/tx.ts";
import { knownId, type OrganizationId } from "../kernel/ids.ts";
import {
  apply,
  comparable,
  emptied,
  holdSome,
  small,
  withoutDepartment,
  withoutPools,
} from "./apply.fixture.ts";
import type { Province } from "./province.ts";
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

describe("applying", () => {
  it("is idempotent, also for a limit that says no more than leaving it out", async () => {
    const province = small([
      "limits: {}",
      "limits: { GPU: { nominal: 0, borrowingLimit: 0, lendingLimit: null } }",
    ]);
    expect(await apply(app, province)).toHaveLength(12);
    expect(await apply(app, province)).toEqual([]);
    expect(await stored()).toEqual(comparable(province));
  });

  it("writes the changed fields and keeps what no document speaks of", async () => {
    await apply(app, small());
    await query("UPDATE clouds SET status = 'suspended', reachable = false");
    await query("UPDATE pools SET status = 'suspended'");
    const changed = small(
      ["operatingModel: separated", "operatingModel: integrated"],
      ["encryption: true", "encryption: false"],
      ["VCPU: { total: 100, reserved: 20,", "GPU: { total: 9, reserved: 2,"],
      [
        "VCPU: { nominal: 60, borrowingLimit: 0, lendingLimit: 0 }",
        "GPU: { nominal: 1, borrowingLimit: 0, lendingLimit: 0 }",
      ],
      [
        "VCPU: { nominal: 40, borrowingLimit: null, lendingLimit: 40 }",
        "GPU: { nominal: 2, borrowingLimit: 1, lendingLimit: 2 }",
      ],
    );
    await apply(app, changed);
    expect(await stored()).toEqual(comparable(changed));
    expect(await query("SELECT status, reachable, generation FROM clouds")).toEqual([
      { status: "suspended", reachable: false, generation: 2 },
    ]);
    expect(await query("SELECT status, generation FROM pools")).toEqual([
      { status: "suspended", generation: 2 },
    ]);
  });

  it("derives the quota tree", async () => {
    await apply(app, small());
    const figures = await query(
      "SELECT node_id, local_quota::int AS local, subtree_quota::int AS subtree FROM quota_limits WHERE resource_class = 'VCPU' ORDER BY node_id",
    );
    expect(figures).toEqual([
      { node_id: "gd", local: 0, subtree: 0 },
      { node_id: "gd.main", local: 100, subtree: 100 },
      { node_id: "gd.main.gd-hrss", local: 0, subtree: 40 },
    ]);
  });

  it("deletes only where pruning was asked for", async () => {
    await apply(app, small());
    const less = withoutDepartment(small());
    expect(await apply(app, less)).toEqual([]);
    expect(await stored()).toEqual(comparable(small()));
    expect((await apply(app, less, { prune: true })).map(({ action, id }) => `${action} ${id}`)).toEqual([
      "delete gd.main.gd-hrss",
      "delete insurance",
      "delete gd-hrss",
    ]);
    expect(await stored()).toEqual(comparable(less));
  });

  it("replaces the provincial cloud in one go, when its predecessor steps down or goes", async () => {
    await apply(app, small());
    const successor = small(
      ["metadata: { id: main, name", "metadata: { id: again, name"],
      ["main-extranet, kind", "again-extranet, kind"],
      ["  cloud: main\n  zone: main-extranet", "  cloud: again\n  zone: again-extranet"],
      ["  kind: cloud\n  cloud: main", "  kind: cloud\n  cloud: again"],
      ["  kind: department\n  cloud: main", "  kind: department\n  cloud: again"],
    );
    const stepsDown = small(["tier: provincial", "tier: municipal"]);
    await apply(app, { ...successor, clouds: [...successor.clouds, ...stepsDown.clouds] });
    expect(await query("SELECT id, tier FROM clouds ORDER BY id")).toEqual([
      { id: "again", tier: "provincial" },
      { id: "main", tier: "municipal" },
    ]);
    await apply(app, successor, { prune: true });
    expect(await stored()).toEqual(comparable(successor));
  });

  it("turns a branch of the organization tree over, below which one stays where it is", async () => {
    const [, , csp] = small().organizations;
    const chain = (...parents: readonly (readonly [id: string, parent: string | null])[]): Province => ({
      ...small(),
      systems: [],
      quotaNodes: [],
      organizations: [
        ...(csp === undefined ? [] : [csp]),
        ...parents.flatMap(([id, parent]) =>
          small()
            .organizations.filter(({ metadata }) => metadata.id === "gd-hrss")
            .map((one) => ({
              ...one,
              metadata: { ...one.metadata, id: knownId<OrganizationId>(id) },
              spec: { ...one.spec, parent: parent === null ? null : knownId<OrganizationId>(parent) },
            })),
        ),
      ],
    });
    await apply(app, chain(["r", null], ["a", "r"], ["e", "a"], ["f", "e"]));
    // At the moment when e has moved and f has not followed yet, the way above f still leads through a.
    await apply(app, chain(["r", null], ["e", "r"], ["f", "e"], ["a", "f"]));
    expect(await query("SELECT path FROM organizations WHERE path LIKE '/r/%' ORDER BY path")).toEqual([
      { path: "/r/" },
      { path: "/r/e/" },
      { path: "/r/e/f/" },
      { path: "/r/e/f/a/" },
    ]);
  });

  it("records who applied what, and tells watchers of clouds", async () => {
    await apply(app, small());
    expect(
      await query(
        "SELECT action, target_id, after -> 'changed' ->> 'create Pool' AS pools FROM audit_entries",
      ),
    ).toEqual([{ action: "province.apply", target_id: "440000", pools: '["main-kunpeng"]' }]);
    expect(await query("SELECT type, subject_id FROM events")).toEqual([
      { type: "cloud.changed", subject_id: "main" },
    ]);
  });

  it("records what was there before it changed or deleted it", async () => {
    await apply(app, small());
    const changed = { ...small(["total: 100,", "total: 120,"]), priceLists: [] };
    await apply(app, changed, { prune: true });
    const [row] = await query(
      "SELECT before, after -> 'values' AS values FROM audit_entries WHERE before IS NOT NULL",
    );
    expect(row).toEqual({
      before: {
        "Pool main-kunpeng": { "spec.inventories.VCPU.total": 100 },
        [`PriceList ${small().priceLists[0]?.metadata.id}`]: expect.objectContaining({
          spec: expect.objectContaining({ fenPerUnitMonth: expect.objectContaining({ VCPU: 4500 }) }),
        }),
      },
      values: { "Pool main-kunpeng": { "spec.inventories.VCPU.total": 120 } },
    });
  });
});

describe("a dry run", () => {
  it("answers with the same plan and writes nothing at all", async () => {
    const plan = await apply(app, small(), { dryRun: true });
    for (const table of ["organizations", "clouds", "quota_limits", "audit_entries", "events"]) {
      expect(await query(`SELECT count(*)::int AS count FROM ${table}`)).toEqual([{ count: 0 }]);
    }
    expect(await apply(app, small())).toEqual(plan);
  });

  it("is refused for the same reasons", async () => {
    await apply(app, small());
    await holdSome(app, { VCPU: 30 });
    await expect(apply(app, withoutPools(small()), { prune: true, dryRun: true })).rejects.toMatchObject({
      code: "province.in_use",
    });
    await expect(
      apply(
        app,
        small(
          ["{ total: 100, reserved: 20", "{ total: 90, reserved: 80"],
          ["nominal: 60", "nominal: 0"],
          ["nominal: 40", "nominal: 15"],
          ["lendingLimit: 40", "lendingLimit: 15"],
        ),
        { dryRun: true },
      ),
    ).rejects.toMatchObject({ code: "capacity.over_limit" });
  });
});
