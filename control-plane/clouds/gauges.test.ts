import { sql } from "drizzle-orm";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import { MINUTE_MS, plus } from "../kernel/clock.ts";
import { cloudGauges, measureClouds } from "./gauges.ts";

let house: TestApp;
beforeAll(async () => {
  house = await testApp();
  await house.app.db.withTx((tx) => smallProvince(tx));
});
afterAll(() => house.close());

it("tells of each cloud whether it answers, how old its picture is, what has drifted and what was found", async () => {
  const registry = new Registry();
  const gauges = cloudGauges(registry);
  const lines = async () => {
    await measureClouds(house.app, gauges);
    return (await registry.metrics()).split("\n").filter((line) => /="(guangzhou|shenzhen)"/.test(line));
  };
  expect(await lines()).toEqual([
    'yunheng_cloud_degraded{cloud="guangzhou"} 0',
    'yunheng_cloud_degraded{cloud="shenzhen"} 0',
    'yunheng_cloud_sync_failing{cloud="guangzhou"} 0',
    'yunheng_cloud_sync_failing{cloud="shenzhen"} 0',
    'yunheng_cloud_drifted_placements{cloud="guangzhou"} 0',
    'yunheng_cloud_drifted_placements{cloud="shenzhen"} 0',
  ]);
  const at = plus(house.clock.now(), -2 * MINUTE_MS).toISOString();
  await house.app.db.withTx(async (tx) => {
    await tx.execute(sql`UPDATE clouds SET reachable = false WHERE id = 'guangzhou'`);
    await tx.execute(sql`
      INSERT INTO cloud_syncs (cloud_id, attempted_at, synced_at, watched_since, problem)
      VALUES ('guangzhou', ${at}, ${at}, ${at}, 'Unavailable: away')`);
    await tx.execute(sql`
      INSERT INTO findings (id, kind, cloud_id, subject, details, status, first_seen_at, last_seen_at)
      VALUES ('fnd_1', 'orphan', 'guangzhou', 'a', '{}', 'open', ${at}, ${at}),
             ('fnd_2', 'orphan', 'guangzhou', 'b', '{}', 'ignored', ${at}, ${at})`);
    await tx.execute(sql`
      INSERT INTO tenancies (id, organization_id, system_id, cloud_id, environment, status, granted, request_id,
                             term_start, term_end, created_at, updated_at)
      VALUES ('ten_1', 'gd-hrss', 'sys_a1', 'guangzhou', 'test', 'trial', '{}', 'req_1', '2026-01-01', '2027-01-01',
              ${at}, ${at})`);
    await tx.execute(sql`
      INSERT INTO placements (id, tenancy_id, role, cloud_id, pool_id, quota_node_id, desired, drift_fields)
      VALUES ('plc_1', 'ten_1', 'primary', 'guangzhou', 'p', 'n', '{"state": "absent", "name": "x"}', 2)`);
  });
  expect((await lines()).filter((line) => line.includes("guangzhou"))).toEqual([
    'yunheng_cloud_degraded{cloud="guangzhou"} 1',
    'yunheng_cloud_sync_age_seconds{cloud="guangzhou"} 120',
    'yunheng_cloud_sync_failing{cloud="guangzhou"} 1',
    'yunheng_cloud_drifted_placements{cloud="guangzhou"} 1',
    'yunheng_cloud_findings{cloud="guangzhou",kind="orphan"} 1',
  ]);
});
