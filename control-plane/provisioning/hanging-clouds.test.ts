import { setTimeout as pause } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { decorate } from "../../providers/decorate.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { openProvider } from "../../providers/registry.ts";
import { startSimulatedClouds } from "../../providers/simulated/server/start.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { App } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { openMetrics } from "../http/metrics.ts";
import { type JobQueue, openQueue } from "../jobs/queue.ts";
import { systemClock } from "../kernel/clock.ts";
import {
  type CloudId,
  idOf,
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
} from "../kernel/ids.ts";
import { declarations, declareClouds } from "../runtime/simulator.ts";
import { desire } from "./desire.ts";
import { workOnTenancies } from "./work.ts";

const TOKEN = "token-of-the-simulated-clouds";
const HANGING = ["industry-1", "industry-2", "industry-3"];
const FAILING = ["industry-4", "industry-5"];

let house: TestApp;
let server: Awaited<ReturnType<typeof startSimulatedClouds>>;
let queue: JobQueue;
let app: App;
const stopping = new AbortController();

beforeAll(async () => {
  house = await testApp();
  await house.app.db.withTx(async (tx) => {
    await smallProvince(tx);
    // 33 clouds, each with one pool.
    await tx.execute(sql`
      INSERT INTO clouds (id, tier, name_zh, name_en, jurisdiction_code, csp, country, operations_country,
                          mlps_level, operating_model, provider_kind, connection)
      SELECT 'industry-' || n, 'industry', '行业云', 'Industry cloud', '440000', csp, country,
             operations_country, mlps_level, operating_model, provider_kind, connection
        FROM clouds, generate_series(1, 29) n WHERE id = 'health'`);
    await tx.execute(sql`
      INSERT INTO zones (id, cloud_id, kind, name_zh, name_en)
      SELECT id || '-extranet', id, 'extranet', '政务外网区', 'extranet' FROM clouds WHERE id LIKE 'industry-%'`);
    await tx.execute(sql`
      INSERT INTO pools (id, cloud_id, zone_id, name_zh, name_en, architecture, mlps_level, dedicated,
                         tenant_isolation, encryption, fault_domains, traits)
      SELECT c.id || '-pool', c.id, c.id || '-extranet', '池', 'Pool', 'kunpeng', 3, false, true, true, 1, '{}'
        FROM clouds c`);
    await tx.execute(sql`
      INSERT INTO inventories (pool_id, resource_class, cloud_id, total, reserved, min_unit, max_unit, step_size,
                               allocation_ratio_milli)
      SELECT id, 'VCPU', cloud_id, 1000, 0, 1, 1000, 1, 1000 FROM pools WHERE id LIKE '%-pool'`);
  });
  server = await startSimulatedClouds({
    port: 0,
    host: "127.0.0.1",
    token: TOKEN,
    dataDir: null,
    latencyMs: { min: 1, max: 2 },
    clock: systemClock,
  });
  await declareClouds({ url: server.url, token: TOKEN }, await declarations(house.app.db));
  const { databaseUrl } = house;
  const { db, log } = house.app;
  queue = await openQueue({ db, databaseUrl: databaseUrl ?? undefined, log, supervise: false });
  app = { ...house.app, queue };
});
afterAll(async () => {
  stopping.abort();
  // Whoever hangs is cut off, so that the worker can end.
  await server.close();
  await queue.stop();
  await house.close();
});

const fault = (cloud: string, given: object) =>
  fetch(`${server.url}/admin/clouds/${cloud}/faults`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ fault: given }),
  });

/** A granted tenancy that nobody has made at its cloud yet, and its job. */
async function granted(cloud: string, serial: number): Promise<void> {
  const suffix = `${cloud}-${serial}`;
  const [tenancyId, placementId] = [idOf("ten", suffix), idOf("plc", suffix)];
  const organizationId = knownId<OrganizationId>("gd-hrss");
  const desired = desire({
    installation: app.config.INSTALLATION,
    organizationId,
    tenancyId,
    placementId,
    displayName: suffix,
    part: {
      role: "primary",
      cloudId: knownId<CloudId>(cloud),
      poolId: knownId<PoolId>(`${cloud}-pool`),
      quotaNodeId: knownId<QuotaNodeId>("gd"),
      zone: "extranet",
      architecture: "kunpeng",
      amounts: { VCPU: 4 },
      before: {},
    },
    instances: [],
    suspended: false,
  });
  await app.db.withTx(async (tx) => {
    await tx.execute(sql`
      INSERT INTO tenancies (id, organization_id, system_id, cloud_id, environment, status, granted, request_id,
                             term_start, term_end, created_at, updated_at)
      VALUES (${tenancyId}, ${organizationId}, 'sys_a1', ${cloud}, 'test', 'provisioning', '{}', 'req_none',
              '2026-11-01', '2027-11-01', now(), now())`);
    await tx.execute(sql`
      INSERT INTO placements (id, tenancy_id, role, cloud_id, pool_id, quota_node_id, desired)
      VALUES (${placementId}, ${tenancyId}, 'primary', ${cloud}, ${`${cloud}-pool`}, 'gd',
              ${JSON.stringify(desired)}::jsonb)`);
    await queue.enqueue(tx, "tenancy.reconcile", tenancyId);
  });
}

const cloudsIn = async (status: string): Promise<string[]> => {
  const rows = await app.db.withTx((tx) =>
    queryRows(tx, sql`SELECT DISTINCT cloud_id FROM tenancies WHERE status = ${status} ORDER BY 1`),
  );
  return rows.map(({ cloud_id }) => String(cloud_id));
};

it("clouds that hang or fail keep the tenancies of no other cloud waiting", async () => {
  const opened = new Map<string, CloudProvider>();
  const clouds = {
    async open(cloudId: CloudId) {
      const known = opened.get(cloudId);
      if (known !== undefined) return known;
      const provider = await openProvider("simulated", { url: server.url, token: TOKEN, cloud: cloudId });
      // Nothing times out here: what hangs goes on hanging until the test is over.
      const limits = { timeoutMs: 600_000, retries: 1, backoffMs: 1, backoffMsMax: 2 };
      const decorated = decorate(provider, { cloudId, limits });
      opened.set(cloudId, decorated);
      return decorated;
    },
  };
  for (const cloud of HANGING) await fault(cloud, { kind: "hang" });
  for (const cloud of FAILING) await fault(cloud, { kind: "status", status: 500 });
  const all = (await app.db.withTx((tx) => queryRows(tx, sql`SELECT id FROM clouds ORDER BY id`))).map(
    ({ id }) => String(id),
  );
  const well = all.filter((cloud) => !HANGING.includes(cloud) && !FAILING.includes(cloud));
  expect(well).toHaveLength(28);
  // The troubled ones come first, and there are many more of them than the worker has hands.
  for (let serial = 1; serial <= 9; serial += 1) {
    for (const cloud of [...HANGING, ...FAILING]) await granted(cloud, serial);
  }
  for (const cloud of well) await granted(cloud, 1);
  workOnTenancies(app, { queue, clouds, metrics: openMetrics(), stopping: stopping.signal });
  // Were they waiting for those that hang, they would wait until the test is given up.
  while ((await cloudsIn("trial")).length < well.length) await pause(100);
  expect(await cloudsIn("trial")).toEqual(well);
  expect(await cloudsIn("provisioning")).toEqual([...HANGING, ...FAILING]);
});
