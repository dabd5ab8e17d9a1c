import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiOf, idsOf } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { auditEntries } from "../db/schema/audit.ts";
import { tenancyRequests } from "../db/schema/requests.ts";
import { events, operations, placements, tenancies } from "../db/schema/tenancies.ts";
import type { TenancyId } from "../kernel/ids.ts";
import { expireTerms } from "./expire-terms.ts";
import { tenancyRoutes } from "./routes.ts";
import { type GrantedTenancy, grantTenancy, HEALTH, HRSS } from "./tenancy.fixture.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let operator: Caller;
let member: Caller;
let provider: Caller;
let stranger: Caller;
let trial: GrantedTenancy;

const NOW = "2026-11-20T02:00:00.000Z";

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, tenancyRoutes);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
  member = await harness.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
  provider = await harness.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
  stranger = await harness.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
});
beforeEach(async () => {
  harness.clock.set(NOW);
  harness.jobs.length = 0;
  trial = await harness.app.db.withTx((tx) => grantTenancy(tx, { ...HEALTH, status: "trial" }));
});
afterAll(() => harness.close());

const tenancyIn = async (id: TenancyId) => {
  const rows = await harness.app.db.withTx((tx) => tx.select().from(tenancies).where(eq(tenancies.id, id)));
  return rows[0];
};
const lastAudit = async () => {
  const rows = await harness.app.db.withTx((tx) =>
    tx.select().from(auditEntries).orderBy(desc(auditEntries.id)).limit(1),
  );
  return rows[0];
};
const suspensionOf = async (id: TenancyId) => {
  const rows = await harness.app.db.withTx((tx) =>
    tx.select().from(placements).where(eq(placements.tenancyId, id)),
  );
  return rows.map(({ desired, desiredGeneration }) => ({
    suspended: desired.state === "present" && desired.tenancy.suspended,
    desiredGeneration,
  }));
};

describe("reading", () => {
  it("shows what is granted, desired, observed and claimed", async () => {
    const answer = await call(member, `GET /tenancies/${trial.tenancyId}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"1"');
    expect(answer.body).toMatchObject({
      status: "trial",
      term: { start: "2026-11-01", end: "2027-10-31" },
      granted: { requestId: trial.requestId, resources: { VCPU: 64, MEMORY_GIB: 256 } },
      placements: [
        {
          role: "primary",
          claimed: { VCPU: 64, MEMORY_GIB: 256 },
          desired: { state: "present", suspended: false, instances: 1 },
          desiredGeneration: 1,
          observedGeneration: 1,
          observed: { state: "active", isolated: true },
          instances: [{ name: "app-1", state: "active", foreign: false }],
        },
      ],
      links: { request: `/api/v1/tenancy-requests/${trial.requestId}` },
    });
    expect(answer.text).not.toContain("ownership");
  });

  it("is 404 outside the scope, and lists only what is inside", async () => {
    const other = await harness.app.db.withTx((tx) => grantTenancy(tx, HRSS));
    expect((await call(stranger, `GET /tenancies/${trial.tenancyId}`)).status).toBe(404);
    expect((await call(provider, `GET /tenancies/${other.tenancyId}`)).status).toBe(404);
    expect(idsOf(await call(stranger, "GET /tenancies"))).toEqual([other.tenancyId]);
    const filtered = await call(operator, "GET /tenancies?cloudId=provincial&status=in_service");
    expect(idsOf(filtered)).toEqual([other.tenancyId]);
    expect(idsOf(await call(operator, "GET /tenancies?organizationId=gd-shenzhen"))).toEqual([]);
    expect((await call(operator, "GET /tenancies?owner=me")).body.code).toBe("http.invalid_input");
  });
});

describe("confirming the trial run", () => {
  const confirm = (caller: Caller, body: object = {}) =>
    call(caller, `POST /tenancies/${trial.tenancyId}/confirm`, { body });

  it("takes one word of each of three parties, the last of which brings the system into service", async () => {
    expect((await confirm(member)).body).toMatchObject({
      status: "trial",
      confirmations: [{ party: "department" }],
    });
    expect((await confirm(provider)).body).toMatchObject({ status: "trial" });
    const last = await confirm(operator);
    expect(last.body).toMatchObject({ status: "in_service", statusReason: null, generation: 4 });
    expect(await lastAudit()).toMatchObject({
      action: "tenancy.confirm",
      targetId: trial.tenancyId,
      before: { status: "trial" },
      after: { status: "in_service" },
    });
    const request = await harness.app.db.withTx((tx) =>
      tx.select().from(tenancyRequests).where(eq(tenancyRequests.id, trial.requestId)),
    );
    expect(request[0]?.status).toBe("in_service");
    expect((await confirm(operator)).body.code).toBe("tenancy.invalid_transition");
  });

  it("is refused a second time, to the same party and to the same person in another role", async () => {
    const colleague = await harness.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
    const both = await harness.callerWith([
      { role: "department_member", organization: "gd-guangzhou" },
      { role: "cloud_operator", cloud: "guangzhou" },
    ]);
    const unnamed = await confirm(both);
    expect(unnamed.status).toBe(400);
    expect((await confirm(both, { party: "operator" })).status).toBe(403);
    expect((await confirm(both, { party: "department" })).status).toBe(200);
    expect((await confirm(both, { party: "provider" })).body.code).toBe("tenancy.already_confirmed");
    expect((await confirm(colleague)).body.code).toBe("tenancy.already_confirmed");
    expect((await tenancyIn(trial.tenancyId))?.confirmations).toHaveLength(1);
  });

  it("is refused to roles that are no party, hidden from strangers, and refused on a row that has changed", async () => {
    const approver = await harness.callerWith([{ role: "approver" }]);
    expect((await confirm(approver)).status).toBe(403);
    expect(await lastAudit()).toMatchObject({
      action: "authorization.refused",
      targetType: "tenancy",
      targetId: trial.tenancyId,
      after: { verb: "tenancy.confirm", permission: "tenancy.confirm" },
    });
    expect((await confirm(stranger)).status).toBe(404);
    const stale = await call(member, `POST /tenancies/${trial.tenancyId}/confirm`, {
      headers: { "if-match": '"7"' },
    });
    expect(stale.status).toBe(412);
  });
});

describe("suspending and resuming", () => {
  it("wishes every placement suspended and back, as operations", async () => {
    const path = `/tenancies/${trial.tenancyId}`;
    const suspended = await call(operator, `POST ${path}/suspend`, { body: { reason: "安全事件" } });
    expect(suspended.status).toBe(202);
    expect(suspended.body).toMatchObject({ status: "suspended", statusReason: "安全事件", generation: 2 });
    expect(suspended.headers.get("location")).toBe(`/api/v1/operations/${suspended.body.operationId}`);
    expect(await suspensionOf(trial.tenancyId)).toEqual([{ suspended: true, desiredGeneration: 2 }]);
    expect(await lastAudit()).toMatchObject({ action: "tenancy.suspend", reason: "安全事件" });
    expect(harness.jobs).toEqual([{ kind: "tenancy.reconcile", key: trial.tenancyId }]);

    const resumed = await call(operator, `POST ${path}/resume`, { body: {} });
    expect(resumed.body).toMatchObject({ status: "trial", statusReason: null });
    expect(await suspensionOf(trial.tenancyId)).toEqual([{ suspended: false, desiredGeneration: 3 }]);
    const rows = await harness.app.db.withTx((tx) =>
      tx.select().from(operations).where(eq(operations.tenancyId, trial.tenancyId)).orderBy(operations.id),
    );
    expect(rows.map(({ kind, status, requestId }) => ({ kind, status, requestId }))).toEqual([
      // Nobody finishes a suspension that is no longer wanted.
      { kind: "suspend", status: "failed", requestId: null },
      { kind: "resume", status: "pending", requestId: null },
    ]);
    expect(rows[0]?.steps.map(({ name }) => name)).toEqual(["primary:tenancy", "primary:instances:app"]);
    const published = await harness.app.db.withTx((tx) =>
      tx.select().from(events).where(eq(events.subjectId, trial.tenancyId)),
    );
    expect(published.map(({ data }) => data.status)).toEqual(["suspended", "trial"]);
  });

  it("returns a confirmed tenancy into service, and refuses what the table does not allow", async () => {
    const confirmations = (["department", "operator", "provider"] as const).map((party) => ({
      party,
      accountId: null,
      at: NOW,
    }));
    const { tenancyId } = await harness.app.db.withTx((tx) => grantTenancy(tx, { ...HEALTH, confirmations }));
    const early = await call(operator, `POST /tenancies/${tenancyId}/resume`);
    expect(early.body).toMatchObject({ code: "tenancy.invalid_transition", status: 409 });
    await call(operator, `POST /tenancies/${tenancyId}/suspend`, { body: { reason: "检修" } });
    const again = await call(operator, `POST /tenancies/${tenancyId}/suspend`, { body: { reason: "检修" } });
    expect(again.body.code).toBe("tenancy.invalid_transition");
    const resumed = await call(operator, `POST /tenancies/${tenancyId}/resume`);
    expect(resumed.body).toMatchObject({ status: "in_service" });
  });

  it("is for operators only and wants a reason", async () => {
    const path = `POST /tenancies/${trial.tenancyId}/suspend`;
    expect((await call(provider, path, { body: { reason: "x" } })).status).toBe(403);
    expect((await call(member, path, { body: { reason: "x" } })).status).toBe(403);
    expect((await call(operator, path, { body: {} })).body.code).toBe("http.invalid_input");
    expect(await suspensionOf(trial.tenancyId)).toEqual([{ suspended: false, desiredGeneration: 1 }]);
  });
});

describe("terms", () => {
  it("suspends what runs beyond its last day, once, by the system", async () => {
    const over = await harness.app.db.withTx((tx) => grantTenancy(tx, { ...HRSS, termEnd: "2026-11-30" }));
    // The last day in China has not ended: it is still 30 November there.
    harness.clock.set("2026-11-30T15:59:59.000Z");
    expect(await expireTerms(harness.app)).toBe(0);
    harness.clock.set("2026-11-30T16:00:00.000Z");
    expect(await expireTerms(harness.app)).toBe(1);
    expect(await expireTerms(harness.app)).toBe(0);
    expect(await tenancyIn(over.tenancyId)).toMatchObject({
      status: "suspended",
      statusReason: "term ended",
    });
    expect(await suspensionOf(over.tenancyId)).toEqual([{ suspended: true, desiredGeneration: 2 }]);
    expect(await lastAudit()).toMatchObject({
      action: "tenancy.expired",
      targetId: over.tenancyId,
      actor: { accountId: null, name: "system" },
    });
    const resumed = await call(operator, `POST /tenancies/${over.tenancyId}/resume`);
    expect(resumed.body).toMatchObject({
      code: "tenancy.invalid_transition",
      details: { termEnd: "2026-11-30" },
    });
  });
});
