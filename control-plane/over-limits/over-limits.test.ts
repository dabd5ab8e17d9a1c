import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiOf, itemsOf, type TestAnswer, type TestCall } from "../../tests/support/api.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { cloudRoutes } from "../clouds/routes.ts";
import { DAY_MS } from "../kernel/clock.ts";
import { openStory, SMALL, type Story } from "../provisioning/provisioning.fixture.ts";
import { quotaRoutes } from "../quota/routes.ts";
import { requestRoutes } from "../requests/routes.ts";
import type { FullView } from "../requests/view.ts";
import { reviewOverLimits } from "./review.ts";
import { overLimitRoutes } from "./routes.ts";

let story: Story;
let call: TestCall;
beforeEach(async () => {
  story = await openStory();
  call = apiOf(story.app, [...quotaRoutes, ...cloudRoutes, ...overLimitRoutes, ...requestRoutes]);
});
afterEach(() => story.close());

const HEALTH = "/quotas/gd.guangzhou.health";
const POOL = "/pools/guangzhou-extranet-kunpeng";

const sized = (name: string, vcpu: number) => ({
  system: { name, mlpsLevel: 2, dataClass: "general" },
  resources: { VCPU: vcpu, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
});

async function change(path: string, body: Record<string, unknown>, query = ""): Promise<TestAnswer> {
  const seen = await call(story.operator, `GET ${path.replace(/\/inventories.*/, "")}`);
  const headers = { "if-match": `"${seen.body.generation}"` };
  return call(story.operator, `PUT ${path}${query}`, { headers, body });
}

/** Nothing is borrowed, so that the department's own quota is its limit. */
const quotaOf = (nominal: number, overLimit?: object, query = "") =>
  change(
    HEALTH,
    {
      limits: { VCPU: { nominal, borrowingLimit: 0, lendingLimit: null } },
      ...(overLimit === undefined ? {} : { overLimit }),
    },
    query,
  );

const poolWith = (settings: object, overLimit?: object, query = "") =>
  change(
    `${POOL}/inventories/VCPU`,
    { ...settings, ...(overLimit === undefined ? {} : { overLimit }) },
    query,
  );

function vcpuAt({ body }: TestAnswer): unknown {
  const { classes } = body;
  return Array.isArray(classes) ? classes[0] : null;
}

const asked = (vcpu: number) => story.submit({ ...SMALL, ...sized(`另一系统 ${vcpu}`, vcpu) });
/** The reason of one kind; every other pool and cloud has its own. */
const reason = ({ placement }: FullView, code: string) =>
  [placement?.refusals ?? []].flat().find((one) => "code" in one && one.code === code) ?? null;
const firstCase = async () => itemsOf(await call(story.operator, "GET /over-limits?open=true"))[0] ?? {};
const broken = () => brokenInvariants(story.app.db);
const actions = async () =>
  (await story.rows(sql`SELECT action FROM audit_entries WHERE target_type = 'over_limit' ORDER BY id`)).map(
    ({ action }) => action,
  );

describe("a limit below what is in use", () => {
  it("is refused with who is over, by how much, who has it, and what can be chosen", async () => {
    const tenancyId = await story.inTrial(sized("甲", 12));
    const refused = await quotaOf(10);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: "quota.over_limit",
        details: {
          choices: ["freeze", "grace", "shrink"],
          excesses: [
            {
              nodeId: "gd.guangzhou.health",
              level: "department",
              dimension: "VCPU",
              limit: 10,
              used: 12,
              held: 0,
              missing: 2,
              holders: [{ tenancyId, organizationId: "gd-guangzhou-health", amount: 12 }],
            },
          ],
        },
      },
    });
    expect((await call(story.operator, `GET ${HEALTH}`)).body.overLimits).toEqual([]);
  });

  it("freezes: no growth there, with that reason named, until usage is back under it", async () => {
    const tenancyId = await story.inTrial(sized("甲", 12));
    const tried = await quotaOf(10, { choice: "freeze" }, "?dryRun=true");
    expect(tried.body).toMatchObject({ consequences: { choice: "freeze", requestIds: [] }, overLimits: [] });
    const lowered = await quotaOf(10, { choice: "freeze" });
    expect(lowered).toMatchObject({
      status: 200,
      body: {
        consequences: { choice: "freeze", excesses: [{ missing: 2 }] },
        overLimits: [{ resourceClass: "VCPU", choice: "freeze", phase: "frozen", over: 2, closedAt: null }],
      },
    });
    expect(vcpuAt(lowered)).toMatchObject({ available: 0, frozenBy: "gd.guangzhou.health" });
    const denied = await asked(2);
    expect(reason(denied, "quota.frozen")).toMatchObject({
      nodeId: "gd.guangzhou.health",
      limit: 10,
      used: 12,
      borrowed: 2,
      missing: 2,
      fitting: 0,
    });
    expect(denied.status).toBe("rejected");
    expect(await broken()).toEqual([]);

    await story.change({
      kind: "resize",
      tenancyId,
      resources: { VCPU: 10, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
    });
    await reviewOverLimits(story.app);
    const now = await call(story.operator, `GET ${HEALTH}`);
    expect(now.body.overLimits).toEqual([]);
    expect(vcpuAt(now)).toMatchObject({ frozenBy: null });
    expect(await actions()).toEqual(["over_limit.open", "over_limit.close"]);
  });

  it("of a node above freezes everything below it, also what is never lent", async () => {
    await story.inTrial(sized("甲", 12));
    await change("/quotas/gd.guangzhou", {
      limits: { VCPU: { nominal: 0, borrowingLimit: 0, lendingLimit: null } },
    });
    await change(HEALTH, { limits: { VCPU: { nominal: 40, borrowingLimit: 0, lendingLimit: 20 } } });
    // The department keeps 20 to itself, and the cloud above it owns nothing but what is lent.
    await story.app.db.withTx((tx) =>
      tx.execute(sql`UPDATE quota_limits SET frozen = true
        WHERE node_id = 'gd.guangzhou' AND resource_class = 'VCPU'`),
    );
    const denied = await asked(2);
    expect(reason(denied, "quota.frozen")).toMatchObject({ nodeId: "gd.guangzhou" });
  });

  it("is in use again at once where the limit is raised", async () => {
    await story.inTrial(sized("甲", 12));
    await quotaOf(10, { choice: "freeze" });
    const raised = await quotaOf(12);
    expect(raised.body.overLimits).toEqual([]);
    expect(vcpuAt(raised)).toMatchObject({ frozenBy: null });
    expect(await actions()).toEqual(["over_limit.open", "over_limit.close"]);
  });

  it("gives grace with notices, and freezes at its end", async () => {
    await story.inTrial(sized("甲", 12));
    const over = await quotaOf(10, { choice: "grace", until: "2026-11-19" });
    expect(over.body).toMatchObject({ code: "http.invalid_input" });
    await quotaOf(10, { choice: "grace", until: "2026-11-30" });
    expect(await firstCase()).toMatchObject({
      phase: "grace",
      until: "2026-11-30T16:00:00.000Z",
      notices: [{ daysLeft: 11 }],
    });
    const days: unknown[] = [];
    for (let day = 1; day <= 12; day += 1) {
      story.clock.advance(DAY_MS);
      await reviewOverLimits(story.app);
      const { notices, phase } = await firstCase();
      days.push([phase, Array.isArray(notices) ? notices.length : 0]);
    }
    expect(days).toEqual([
      ["grace", 1],
      ["grace", 1],
      ["grace", 1],
      ["grace", 2],
      ["grace", 2],
      ["grace", 2],
      ["grace", 2],
      ["grace", 3],
      ["grace", 3],
      ["grace", 4],
      ["frozen", 5],
      ["frozen", 5],
    ]);
    expect(reason(await asked(2), "quota.frozen")).not.toBeNull();
    const events = await story.rows(
      sql`SELECT organization_id, data ->> 'daysLeft' AS left FROM events WHERE type = 'over_limit.changed' ORDER BY id`,
    );
    expect(events.map(({ left }) => left)).toEqual(["11", "7", "3", "1", "0"]);
    expect(new Set(events.map((row) => row.organization_id))).toEqual(new Set(["gd-guangzhou-health"]));
    expect(await broken()).toEqual([]);
  });

  it("shrinks by a fair plan of ordinary requests that wait for people", async () => {
    const large = await story.inTrial(sized("甲", 14));
    const small = await story.inTrial(sized("乙", 8));
    const tried = await quotaOf(13, { choice: "shrink" }, "?dryRun=true");
    // Each keeps the 2 that its machine needs: 12 and 6 may go, and 9 have to.
    const plan = [
      {
        dimension: "VCPU",
        uncovered: 0,
        reductions: expect.arrayContaining([
          { tenancyId: large, organizationId: "gd-guangzhou-health", from: 14, to: 8 },
          { tenancyId: small, organizationId: "gd-guangzhou-health", from: 8, to: 5 },
        ]),
      },
    ];
    expect(tried.body).toMatchObject({ consequences: { shrink: plan, requestIds: [] } });
    expect(itemsOf(await call(story.operator, "GET /tenancy-requests?kind=resize"))).toEqual([]);

    const lowered = await quotaOf(13, { choice: "shrink" });
    expect(lowered.body).toMatchObject({ consequences: { shrink: plan } });
    const requests = itemsOf(await call(story.operator, "GET /tenancy-requests?kind=resize"));
    expect(requests).toMatchObject([{ status: "submitted" }, { status: "submitted" }]);
    expect((await firstCase()).requestIds).toHaveLength(2);

    for (const { id, planHash } of requests) {
      const approved = await story.decide({ id, planHash } as Parameters<Story["decide"]>[0]);
      await story.reconcile(approved.tenancyId ?? "");
    }
    await reviewOverLimits(story.app);
    expect(await firstCase()).toEqual({});
    expect(vcpuAt(await call(story.operator, `GET ${HEALTH}`))).toMatchObject({ used: 13, available: 0 });
    expect(await broken()).toEqual([]);
  });

  it("says what no tenancy can give, and keeps growth frozen for it", async () => {
    await story.inTrial(sized("甲", 6));
    const lowered = await quotaOf(1, { choice: "shrink" });
    expect(lowered.body).toMatchObject({
      consequences: { shrink: [{ reductions: [{ from: 6, to: 2 }], uncovered: 1 }] },
      overLimits: [{ phase: "frozen", over: 5 }],
    });
  });

  it("can be given another choice later, by who may change limits", async () => {
    await story.inTrial(sized("甲", 12));
    await quotaOf(10, { choice: "grace", until: "2026-12-30" });
    const { id } = await firstCase();
    const body = { overLimit: { choice: "shrink" } };
    expect((await call(story.member, `POST /over-limits/${id}/choose`, { body })).status).toBe(403);
    const answer = await call(story.operator, `POST /over-limits/${id}/choose`, { body });
    expect(answer).toMatchObject({
      status: 200,
      body: { choice: "shrink", phase: "frozen", until: null, requestIds: [expect.any(String)] },
    });
    expect(await actions()).toEqual(["over_limit.open", "over_limit.choose"]);
  });

  it("is nobody's business outside the caller's scope", async () => {
    await story.inTrial(sized("甲", 12));
    await quotaOf(10, { choice: "freeze" });
    const { id } = await firstCase();
    const stranger = await story.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
    expect((await call(stranger, `GET /over-limits/${id}`)).status).toBe(404);
    expect((await call(story.member, `GET /over-limits/${id}`)).body).toMatchObject({ id });
    expect(itemsOf(await call(stranger, "GET /over-limits"))).toEqual([]);
  });
});

describe("a pool below what is in use", () => {
  it("is refused whichever figure is lowered: total, reserve or overcommit", async () => {
    await story.inTrial(sized("甲", 12));
    const expected = {
      status: 409,
      body: {
        code: "capacity.over_limit",
        details: {
          excesses: [{ poolId: "guangzhou-extranet-kunpeng", dimension: "VCPU", used: 12, missing: 6 }],
        },
      },
    };
    expect(await poolWith({ total: 20004 })).toMatchObject(expected);
    expect(await poolWith({ reserved: 99996 })).toMatchObject(expected);
    await poolWith({ total: 26000 });
    expect(await poolWith({ allocationRatio: 0.001 })).toMatchObject(expected);
  });

  it("changes its overcommit while in use, and shows before what would be", async () => {
    await story.inTrial(sized("甲", 12));
    const tried = await poolWith({ allocationRatio: 1.25 }, undefined, "?dryRun=true");
    const vcpu = (answer: TestAnswer) => (answer.body.inventories as object[])[0];
    expect(vcpu(tried)).toMatchObject({ allocationRatio: 1.25, capacity: 100000, used: 12 });
    expect(vcpu(await call(story.operator, `GET ${POOL}`))).toMatchObject({ capacity: 120000 });
    const changed = await poolWith({ allocationRatio: 1.25 });
    expect(vcpu(changed)).toMatchObject({ capacity: 100000, free: 99988, frozen: false });
    expect(changed.headers.get("etag")).toBe('"2"');
    const [row] = await story.rows(sql`SELECT * FROM audit_entries WHERE action = 'pool.update'`);
    expect(row).toMatchObject({
      before: { allocationRatioMilli: 1500 },
      after: { allocationRatioMilli: 1250 },
    });
  });

  it("is frozen or shrunk by choice, with the reason named to those who want to grow", async () => {
    const tenancyId = await story.inTrial(sized("甲", 12));
    const shrunk = await poolWith({ total: 20004 }, { choice: "shrink" });
    expect(shrunk.body).toMatchObject({
      consequences: { shrink: [{ reductions: [{ tenancyId, from: 12, to: 6 }], uncovered: 0 }] },
      overLimits: [{ choice: "shrink", phase: "frozen", over: 6 }],
    });
    const denied = await asked(2);
    expect(reason(denied, "capacity.frozen")).toMatchObject({ limit: 6, used: 12, missing: 2, fitting: 0 });
    expect(await broken()).toEqual([]);
    const raised = await poolWith({ total: 100000 });
    expect(raised.body).toMatchObject({ overLimits: [] });
    // Of the other pools nobody had asked.
    expect((await asked(2)).status).not.toBe("rejected");
  });

  it("needs the state that was seen, a class that is there, and figures that agree", async () => {
    const put = (path: string, body: object, headers: Record<string, string> = { "if-match": '"1"' }) =>
      call(story.operator, `PUT ${path}`, { headers, body });
    expect((await put(`${POOL}/inventories/VCPU`, { total: 1 }, {})).status).toBe(428);
    expect((await put(`${POOL}/inventories/VCPU`, { total: 1 }, { "if-match": '"9"' })).status).toBe(412);
    expect((await put(`${POOL}/inventories/GPU`, { total: 1 })).status).toBe(404);
    expect((await put(`${POOL}/inventories/VCPU`, {})).status).toBe(400);
    expect((await put(`${POOL}/inventories/VCPU`, { reserved: 100001 })).status).toBe(400);
    expect((await put(`${POOL}/inventories/VCPU`, { allocationRatio: 1.0005 })).status).toBe(400);
    expect((await put(`${POOL}/inventories/VCPU`, { total: 2 ** 53 })).status).toBe(400);
    const foreign = await story.callerWith([{ role: "cloud_operator", cloud: "shenzhen" }]);
    const headers = { "if-match": '"1"' };
    const answer = await call(foreign, `PUT ${POOL}/inventories/VCPU`, { headers, body: { total: 999 } });
    expect(answer.status).toBe(403);
  });
});

describe("units", () => {
  it("name the nearest allowed amounts, also where only the difference of a resize is out of step", async () => {
    const tenancyId = await story.inTrial(sized("甲", 12));
    await poolWith({ minUnit: 4, stepSize: 4, maxUnit: 32 });
    const tried = await asked(6);
    expect(reason(tried, "unit.out_of_step")).toMatchObject({ actual: 6, required: [4, 8] });
    const resized = await story.submit({
      kind: "resize",
      tenancyId,
      resources: { VCPU: 13, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
    });
    expect(reason(resized, "unit.out_of_step")).toMatchObject({ actual: 13, required: [12, 16] });
    // What is there already and stays as it is was granted under other units.
    await poolWith({ stepSize: 5, minUnit: 5 });
    const other = await story.submit({
      kind: "resize",
      tenancyId,
      resources: { VCPU: 12, MEMORY_GIB: 9, BLOCK_STORAGE_GIB: 100 },
    });
    expect(other.status).not.toBe("rejected");
  });
});
