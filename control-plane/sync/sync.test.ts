import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decorate } from "../../providers/decorate.ts";
import type { CloudProvider } from "../../providers/port.ts";
import { openProvider } from "../../providers/registry.ts";
import { startSimulatedClouds } from "../../providers/simulated/server/start.ts";
import { apiOf, itemsOf, type TestCall } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { findingRoutes } from "../findings/routes.ts";
import { MINUTE_MS } from "../kernel/clock.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { declarations, declareClouds } from "../runtime/simulator.ts";
import { syncRoutes } from "./routes.ts";
import { syncClouds } from "./sync-clouds.ts";

const TOKEN = "token-of-the-simulated-clouds";

let house: TestApp;
let server: Awaited<ReturnType<typeof startSimulatedClouds>>;
let call: TestCall;
let operator: Caller;
let opened: Map<string, CloudProvider>;
/** For clouds that will hang. */
let patience: Map<string, { timeoutMs: number }>;

const clouds: Clouds = {
  async open(cloudId) {
    const known = opened.get(cloudId);
    if (known !== undefined) return known;
    const provider = await openProvider("simulated", { url: server.url, token: TOKEN, cloud: cloudId });
    const limits = { retries: 1, backoffMs: 1, backoffMsMax: 2, ...patience.get(cloudId) };
    const decorated = decorate(provider, { cloudId, limits });
    opened.set(cloudId, decorated);
    return decorated;
  },
};

beforeEach(async () => {
  opened = new Map();
  patience = new Map();
  house = await testApp();
  await house.app.db.withTx((tx) => smallProvince(tx));
  const { clock } = house;
  server = await startSimulatedClouds({ port: 0, host: "127.0.0.1", token: TOKEN, dataDir: null, clock });
  await declare();
  call = apiOf(house.app, [...syncRoutes, ...findingRoutes]);
  operator = await house.callerWith([{ role: "provincial_operator" }]);
});
afterEach(async () => {
  await server.close();
  await house.close();
});

const declare = async () =>
  declareClouds({ url: server.url, token: TOKEN }, await declarations(house.app.db));
const admin = (path: string, method: string, body?: unknown) =>
  fetch(`${server.url}/admin/clouds/${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const sync = () => syncClouds(house.app, clouds);
const later = async (minutes = 12) => {
  house.clock.advance(minutes * MINUTE_MS);
  await sync();
};
const stateOf = async (cloud: string) => (await call(operator, `GET /clouds/${cloud}/sync`)).body;
const findings = async (filter = "") => itemsOf(await call(operator, `GET /findings?${filter}`));
const mine = (suffix: string) => ({
  ownership: {
    installation: "yunheng",
    tenancyId: `ten_${suffix}`,
    placementId: `plc_${suffix}`,
    organizationId: "gd-hrss",
  },
  name: `plc-${suffix}`,
  displayName: "left behind",
  pool: "guangzhou-extranet-kunpeng",
  zone: "extranet" as const,
  quota: { VCPU: 8 },
  accessGroup: "gd-hrss",
  suspended: false,
});
const ensure = async (suffix: string) => {
  const provider = await openProvider("simulated", { url: server.url, token: TOKEN, cloud: "guangzhou" });
  await provider.ensureTenancy(mine(suffix), `token-${suffix}`);
};

describe("looking a cloud through", () => {
  it("tells when, how much it has, and where that differs from what the province gives out", async () => {
    expect(await stateOf("guangzhou")).toMatchObject({ syncedAt: null, ageSeconds: null });
    await sync();
    house.clock.advance(90_000);
    const before = await stateOf("guangzhou");
    expect(before).toMatchObject({ ageSeconds: 90, problem: null, tenancies: 0 });
    expect(before.inventories).toContainEqual({
      poolId: "guangzhou-extranet-kunpeng",
      resourceClass: "VCPU",
      declared: { total: 1000, reserved: 200, used: 0 },
      observed: expect.objectContaining({ total: 1000, used: 0 }),
      differs: true,
    });
    const pools = [
      {
        name: "guangzhou-extranet-kunpeng",
        architecture: "kunpeng",
        total: { VCPU: 800 },
        allocationRatio: {},
      },
    ];
    await admin("guangzhou", "PUT", { pools });
    await later();
    expect((await stateOf("guangzhou")).inventories).toContainEqual(
      expect.objectContaining({ resourceClass: "VCPU", differs: false }),
    );
  });

  it("gives out what the cloud says that it has where its rule is to adopt, and freezes who is over then", async () => {
    await house.app.db.withTx((tx) =>
      tx.execute(sql`UPDATE clouds SET on_capacity = 'adopt' WHERE id = 'guangzhou'`),
    );
    await house.app.db.withTx((tx) =>
      tx.execute(
        sql`UPDATE inventories SET used = 100 WHERE pool_id = 'guangzhou-extranet-kunpeng' AND resource_class = 'VCPU'`,
      ),
    );
    const pool = (total: number) => ({
      pools: [
        {
          name: "guangzhou-extranet-kunpeng",
          architecture: "kunpeng",
          total: { VCPU: total },
          allocationRatio: {},
        },
      ],
    });
    const declared = async () =>
      ((await stateOf("guangzhou")).inventories as { resourceClass: string; declared: unknown }[]).find(
        ({ resourceClass }) => resourceClass === "VCPU",
      )?.declared;
    await admin("guangzhou", "PUT", pool(1200));
    await sync();
    expect(await declared()).toEqual({ total: 1200, reserved: 200, used: 100 });
    await admin("guangzhou", "PUT", pool(210));
    await later();
    expect(await declared()).toEqual({ total: 210, reserved: 200, used: 100 });
    await later();
    const rows = await house.app.db.withTx((tx) =>
      queryRows(
        tx,
        sql`SELECT action FROM audit_entries WHERE action IN ('pool.update', 'over_limit.open') ORDER BY id`,
      ),
    );
    expect(rows.map(({ action }) => action).sort()).toEqual([
      "over_limit.open",
      "pool.update",
      "pool.update",
    ]);
  });

  it("goes by turns: not before the time, and by one worker only", async () => {
    await sync();
    const first = (await stateOf("guangzhou")).attemptedAt;
    house.clock.advance(MINUTE_MS);
    await sync();
    expect((await stateOf("guangzhou")).attemptedAt).toBe(first);
    house.clock.advance(12 * MINUTE_MS);
    await Promise.all([sync(), sync(), sync()]);
    expect((await stateOf("guangzhou")).syncedAt).toBe(house.clock.now().toISOString());
  });

  it("of clouds that hang or fail disturbs none of the others", async () => {
    await house.app.db.withTx((tx) =>
      tx.execute(sql`
        INSERT INTO clouds (id, tier, name_zh, name_en, jurisdiction_code, csp, country, operations_country,
                            mlps_level, operating_model, provider_kind, connection)
        SELECT 'industry-' || n, 'industry', '行业云', 'Industry cloud', '440000', csp, country,
               operations_country, mlps_level, operating_model, provider_kind, connection
          FROM clouds, generate_series(1, 29) n WHERE id = 'health'`),
    );
    await declare();
    for (const cloud of ["industry-1", "industry-2", "industry-3"]) {
      patience.set(cloud, { timeoutMs: 200 });
      await admin(`${cloud}/faults`, "POST", { fault: { kind: "hang" } });
    }
    for (const cloud of ["industry-4", "industry-5"]) {
      await admin(`${cloud}/faults`, "POST", { fault: { kind: "status", status: 500 } });
    }
    await sync();
    const states = await Promise.all(
      ["provincial", "guangzhou", "shenzhen", "health"]
        .concat(Array.from({ length: 29 }, (_, index) => `industry-${index + 1}`))
        .map(stateOf),
    );
    const failed = states.filter(({ problem }) => problem !== null).map(({ cloudId }) => cloudId);
    expect(failed).toEqual([1, 2, 3, 4, 5].map((n) => `industry-${n}`));
    expect(states.filter(({ syncedAt }) => syncedAt === house.clock.now().toISOString())).toHaveLength(28);
    await admin("industry-4/faults", "DELETE");
    await later();
    expect(await stateOf("industry-4")).toMatchObject({ problem: null, ageSeconds: 0 });
  });
});

describe("what nobody has recorded", () => {
  it("is reported once, and resolved when it is gone; others' objects are not ours to report", async () => {
    await ensure("left");
    await admin("guangzhou/tenancies", "POST", { name: "by-hand", pool: "guangzhou-extranet-kunpeng" });
    await sync();
    await later();
    const found = await findings();
    expect(found.map(({ kind, subject, status }) => [kind, subject, status])).toEqual(
      expect.arrayContaining([
        ["orphan", "plc-left", "open"],
        ["unmanaged", "by-hand", "open"],
      ]),
    );
    expect(found).toHaveLength(2);
    expect(found.find(({ kind }) => kind === "orphan")).toMatchObject({
      cloudId: "guangzhou",
      details: { tenancyId: "ten_left", quota: { VCPU: 8 } },
    });
    await admin("guangzhou/tenancies/by-hand", "DELETE");
    await later();
    expect((await findings("status=resolved")).map(({ subject }) => subject)).toEqual(["by-hand"]);
    const rows = await house.app.db.withTx((tx) =>
      queryRows(tx, sql`SELECT action FROM audit_entries WHERE action LIKE 'finding.%' ORDER BY id`),
    );
    expect(rows.map(({ action }) => action)).toEqual([
      "finding.opened",
      "finding.opened",
      "finding.resolved",
    ]);
  });

  it("is left alone until somebody decides, and removed only when ours", async () => {
    await ensure("left");
    await admin("guangzhou/tenancies", "POST", { name: "by-hand", pool: "guangzhou-extranet-kunpeng" });
    await sync();
    const idOf = async (subject: string) => (await findings()).find((one) => one.subject === subject)?.id;
    const decide = async (subject: string, action: string, caller = operator) =>
      call(caller, `POST /findings/${await idOf(subject)}/${action}`, { body: { reason: "核实后处理" } });
    await later();
    expect(await stateOf("guangzhou")).toMatchObject({ tenancies: 2 });
    expect((await decide("by-hand", "remove")).body.code).toBe("finding.not_removable");
    expect((await decide("by-hand", "ignore")).body).toMatchObject({ status: "ignored" });
    const cloudOperator = await house.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
    expect((await decide("plc-left", "remove", cloudOperator)).status).toBe(403);
    expect((await decide("plc-left", "remove")).body).toMatchObject({
      status: "removing",
      decision: { action: "remove", reason: "核实后处理" },
    });
    for (let round = 0; round < 5; round += 1) await later();
    expect((await findings("kind=orphan")).map(({ status }) => status)).toEqual(["resolved"]);
    expect((await findings("status=ignored")).map(({ subject }) => subject)).toEqual(["by-hand"]);
    expect((await decide("plc-left", "ignore")).body.code).toBe("finding.resolved");
  });

  it("is seen by those who see the cloud", async () => {
    await ensure("left");
    await sync();
    const [finding] = await findings();
    const seenBy = async (grant: Parameters<TestApp["callerWith"]>[0][number]) => {
      const caller = await house.callerWith([grant]);
      const one = await call(caller, `GET /findings/${finding?.id}`);
      return [itemsOf(await call(caller, "GET /findings")).length, one.status];
    };
    expect(await seenBy({ role: "cloud_operator", cloud: "guangzhou" })).toEqual([1, 200]);
    expect(await seenBy({ role: "cloud_operator", cloud: "shenzhen" })).toEqual([0, 404]);
    expect(await seenBy({ role: "department_member", organization: "gd-hrss" })).toEqual([0, 404]);
  });
});
