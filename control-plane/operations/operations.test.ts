import { desc, eq, sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { apiOf, idsOf, itemsOf } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { auditEntries } from "../db/schema/audit.ts";
import { operations, tenancies } from "../db/schema/tenancies.ts";
import { queryRows } from "../db/tx.ts";
import { DEAD_LETTERS, type JobQueue, openQueue } from "../jobs/queue.ts";
import { type OperationId, systemIds, type TenancyId } from "../kernel/ids.ts";
import { grantTenancy, HEALTH, HRSS } from "../tenancies/tenancy.fixture.ts";
import { operationRoutes } from "./routes.ts";

let harness: TestApp;
let queue: JobQueue;
let call: ReturnType<typeof apiOf>;
let operator: Caller;
let provider: Caller;
let member: Caller;
let stranger: Caller;
let tenancyId: TenancyId;
let operationId: OperationId;

const ERROR = { code: "provider.Denied", message: "denied", messageZh: "拒绝", transient: false };
type Status = typeof operations.$inferInsert.status;

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  queue = await queueOf(harness.app);
  call = apiOf({ ...harness.app, queue }, operationRoutes);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
  provider = await harness.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
  member = await harness.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
  stranger = await harness.callerWith([{ role: "department_member", organization: "gd-hrss" }]);
});
beforeEach(async () => {
  ({ tenancyId } = await harness.app.db.withTx((tx) => grantTenancy(tx, HEALTH)));
  operationId = await begun("failed");
});
afterAll(async () => {
  await queue.stop();
  await harness.close();
});

/** The real queue: dead letters are rows of its own tables. */
async function queueOf({ db }: TestApp["app"]): Promise<JobQueue> {
  const server = inject("serverUrl");
  const [row] = await db.withTx((tx) => queryRows(tx, sql`SELECT current_database() AS name`));
  const databaseUrl = server === null ? undefined : new URL(`/${row?.name}`, server).href;
  return openQueue({ db, databaseUrl, log: pino({ level: "silent" }), supervise: false });
}

async function begun(status: Status): Promise<OperationId> {
  const id = systemIds.next("op");
  const at = harness.clock.now();
  await harness.app.db.withTx(async (tx) => {
    const [tenancy] = await tx.select().from(tenancies).where(eq(tenancies.id, tenancyId));
    if (tenancy === undefined) throw new Error("no tenancy");
    const { organizationId, cloudId } = tenancy;
    await tx.insert(operations).values({
      id,
      kind: "suspend",
      status,
      tenancyId,
      organizationId,
      cloudId,
      steps: [{ name: "primary:tenancy", status: "running", message: null, at: at.toISOString() }],
      progress: 0,
      error: status === "failed" ? ERROR : null,
      dueAt: new Date(at.getTime() - 1000),
      createdAt: at,
      updatedAt: at,
    });
  });
  return id;
}

const setAside = (key: string) =>
  harness.app.db.withTx((tx) =>
    tx.execute(
      sql`INSERT INTO jobs.job (name, data)
        VALUES (${DEAD_LETTERS}, ${JSON.stringify({ key, kind: "tenancy.reconcile" })}::jsonb)`,
    ),
  );

const waitingJobs = async (key: string) => {
  const found = await harness.app.db.withTx((tx) =>
    queryRows(tx, sql`SELECT name FROM jobs.job WHERE data->>'key' = ${key}`),
  );
  return found.map(({ name }) => name);
};

describe("reading", () => {
  it("shows steps, progress, error and clock to those whose tenancy it is", async () => {
    const answer = await call(member, `GET /operations/${operationId}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("etag")).toBe('"1"');
    expect(answer.body).toMatchObject({
      kind: "suspend",
      status: "failed",
      progress: 0,
      error: ERROR,
      overdue: true,
      steps: [{ name: "primary:tenancy", status: "running" }],
      links: { tenancy: `/api/v1/tenancies/${tenancyId}` },
    });
    expect((await call(stranger, `GET /operations/${operationId}`)).status).toBe(404);
    expect((await call(provider, `GET /operations/${operationId}`)).status).toBe(200);
  });

  it("lists by tenancy and status, newest first, in pages", async () => {
    const later = await begun("pending");
    const path = `GET /operations?tenancyId=${tenancyId}`;
    expect(idsOf(await call(member, path))).toEqual([later, operationId]);
    expect(idsOf(await call(member, `${path}&status=failed`))).toEqual([operationId]);
    const first = await call(member, `${path}&limit=1`);
    expect(idsOf(await call(member, `${path}&limit=1&cursor=${first.body.nextCursor}`))).toEqual([
      operationId,
    ]);
    expect(idsOf(await call(stranger, path))).toEqual([]);
  });
});

describe("dead letters", () => {
  it("stand at their own address, newest first, those of the caller's tenancies only", async () => {
    await setAside(tenancyId);
    const other = await harness.app.db.withTx((tx) => grantTenancy(tx, HRSS));
    await setAside(other.tenancyId);
    const all = itemsOf(await call(operator, "GET /operations/dead-letters"));
    expect(all.slice(0, 2)).toMatchObject([
      { key: other.tenancyId, tenancyId: other.tenancyId, kind: "tenancy.reconcile" },
      { tenancyId },
    ]);
    const first = await call(operator, "GET /operations/dead-letters?limit=1");
    const second = await call(
      operator,
      `GET /operations/dead-letters?limit=1&cursor=${first.body.nextCursor}`,
    );
    expect(itemsOf(second)).toMatchObject([{ tenancyId }]);
    const own = itemsOf(await call(stranger, "GET /operations/dead-letters"));
    expect(own.map((letter) => letter.tenancyId)).toEqual([other.tenancyId]);
  });
});

describe("retrying", () => {
  it("puts a failed operation back, wakes the worker and settles what was set aside", async () => {
    await setAside(tenancyId);
    const answer = await call(provider, `POST /operations/${operationId}/retry`, { body: {} });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({ status: "pending", error: null, generation: 2 });
    expect(await waitingJobs(tenancyId)).toEqual(["tenancy.reconcile"]);
    const audited = await harness.app.db.withTx((tx) =>
      tx.select().from(auditEntries).orderBy(desc(auditEntries.id)).limit(1),
    );
    expect(audited[0]).toMatchObject({
      action: "operation.retry",
      targetId: operationId,
      before: { status: "failed", error: ERROR },
      after: { status: "pending", error: null },
    });
    const again = await call(operator, `POST /operations/${operationId}/retry`);
    expect(again.body).toMatchObject({ code: "operation.not_retryable", details: { status: "pending" } });
  });

  it("is refused where something newer was begun, where the tenancy is closed, and on a stale row", async () => {
    const path = `POST /operations/${operationId}/retry`;
    const stale = await call(operator, path, { headers: { "if-match": '"4"' } });
    expect(stale.status).toBe(412);
    await begun("succeeded");
    expect((await call(operator, path)).body).toMatchObject({
      code: "operation.not_retryable",
      details: { superseded: true },
    });
    await harness.app.db.withTx((tx) =>
      tx.update(tenancies).set({ status: "closed" }).where(eq(tenancies.id, tenancyId)),
    );
    expect((await call(operator, path)).body).toMatchObject({
      code: "operation.not_retryable",
      details: { tenancyStatus: "closed" },
    });
    expect(await waitingJobs(tenancyId)).toEqual([]);
  });

  it("is not for departments, and hidden from providers of other clouds", async () => {
    expect((await call(member, `POST /operations/${operationId}/retry`)).status).toBe(403);
    const elsewhere = await harness.callerWith([{ role: "cloud_operator", cloud: "shenzhen" }]);
    expect((await call(elsewhere, `POST /operations/${operationId}/retry`)).status).toBe(404);
  });
});
