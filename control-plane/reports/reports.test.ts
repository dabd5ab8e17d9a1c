import { desc, eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, type TestAnswer } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { auditEntries } from "../db/schema/audit.ts";
import { organizations, systems } from "../db/schema/organizations.ts";
import { approvals } from "../db/schema/requests.ts";
import { tenancies } from "../db/schema/tenancies.ts";
import { knownId, type OrganizationId, type SystemId } from "../kernel/ids.ts";
import { loadPolicies } from "../policy/load.ts";
import { type GrantedTenancy, grantTenancy, HEALTH, HRSS, PLAN_HASH } from "../tenancies/tenancy.fixture.ts";
import { reportCommand } from "./command.ts";
import { reportRoutes } from "./routes.ts";
import type { AllocationRow } from "./wire.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let auditor: Caller;
let member: Caller;
let provider: Caller;
let approver: Caller;
let health: GrantedTenancy;
let hrss: GrantedTenancy;

beforeAll(async () => {
  harness = await testApp({ policies: await loadPolicies(["policies"]) });
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, reportRoutes);
  auditor = await harness.callerWith([{ role: "auditor" }]);
  member = await harness.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
  provider = await harness.callerWith([{ role: "cloud_operator", cloud: "provincial" }]);
  approver = await harness.callerWith([{ role: "approver" }]);
  await harness.app.db.withTx(async (tx) => {
    health = await grantTenancy(tx, HEALTH);
    hrss = await grantTenancy(tx, HRSS);
    await grantTenancy(tx, { ...HRSS, status: "closed" });
    const approval = { requestId: health.requestId, accountId: approver.actor.accountId ?? never() };
    const given = { ...approval, role: "approver/cloud", comment: null, at: harness.clock.now() };
    await tx.insert(approvals).values([
      { ...given, planHash: PLAN_HASH },
      { ...given, planHash: `sha256:${"b".repeat(64)}` },
    ]);
  });
});
afterAll(() => harness.close());

function never(): never {
  throw new Error("callers have accounts");
}

const rowsIn = <Row>(answer: TestAnswer) => answer.body.rows as Row[];
const tenanciesIn = (answer: TestAnswer) => [
  ...new Set(rowsIn<{ tenancyId: string }>(answer).map(({ tenancyId }) => tenancyId)),
];
const lastAudit = async () => {
  const rows = await harness.app.db.withTx((tx) =>
    tx.select().from(auditEntries).orderBy(desc(auditEntries.id)).limit(1),
  );
  return rows[0];
};

describe("allocations", () => {
  it("say who holds what where, under which decision and approval, against which quota", async () => {
    const answer = await call(auditor, "GET /reports/allocations");
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ report: "allocations", rowCount: 4 });
    const row = rowsIn<AllocationRow>(answer).find(
      ({ tenancyId, resourceClass }) => tenancyId === health.tenancyId && resourceClass === "VCPU",
    );
    expect(row).toEqual({
      tenancyId: health.tenancyId,
      status: "in_service",
      environment: "production",
      organization: {
        id: "gd-guangzhou-health",
        name: { zh: "广州市卫生健康委员会", en: "Guangzhou health" },
      },
      system: { id: "sys_a2", name: "全民健康信息平台" },
      resourceClass: "VCPU",
      amount: 64,
      place: {
        cloudId: "guangzhou",
        cloud: { zh: "guangzhou政务云", en: "guangzhou government cloud" },
        poolId: "guangzhou-extranet-kunpeng",
        zone: "extranet",
        architecture: "kunpeng",
        role: "primary",
      },
      since: "2026-11-01",
      until: "2027-10-31",
      decision: {
        requestId: health.requestId,
        planHash: PLAN_HASH,
        outcome: "needs_approval",
        requiringApproval: ["preapproved-size"],
      },
      approvals: [
        {
          accountId: approver.actor.accountId,
          account: approver.actor.name,
          role: "approver/cloud",
          at: harness.clock.now().toISOString(),
        },
      ],
      quota: { nodeId: "gd.guangzhou.health", nominal: 100, used: 0 },
    });
  });

  it("keep to the caller's scope and to the filters", async () => {
    expect(tenanciesIn(await call(member, "GET /reports/allocations"))).toEqual([health.tenancyId]);
    expect(tenanciesIn(await call(provider, "GET /reports/allocations"))).toEqual([hrss.tenancyId]);
    // An organization stands for everything below it, a cloud for what lies there.
    const byCity = await call(auditor, "GET /reports/allocations?organizationId=gd-guangzhou");
    expect(tenanciesIn(byCity)).toEqual([health.tenancyId]);
    const byCloud = await call(auditor, "GET /reports/allocations?cloudId=provincial");
    expect(tenanciesIn(byCloud)).toEqual([hrss.tenancyId]);
    expect(tenanciesIn(await call(member, "GET /reports/allocations?cloudId=provincial"))).toEqual([]);
    expect(tenanciesIn(await call(auditor, "GET /reports/allocations?organizationId=nobody"))).toEqual([]);
  });

  it("are recorded as read before they are read", async () => {
    await call(member, "GET /reports/allocations?cloudId=guangzhou");
    expect(await lastAudit()).toMatchObject({
      action: "report.read",
      targetType: "report",
      targetId: "allocations",
      actor: { name: member.actor.name },
      after: { format: "json", cloudId: "guangzhou" },
      requestId: member.requestId,
    });
  });
});

describe("formats", () => {
  it("are asked for in the address or by what the client accepts", async () => {
    const asked = await call(auditor, "GET /reports/allocations?format=csv");
    expect(asked.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(asked.headers.get("content-disposition")).toContain('filename="allocations-2026-11-20.csv"');
    const accepted = await call(auditor, "GET /reports/allocations", { headers: { accept: "text/csv" } });
    expect(accepted.text).toBe(asked.text);
    expect(asked.text.split("\r\n")).toHaveLength(6);
    const json = await call(auditor, "GET /reports/allocations?format=json", {
      headers: { accept: "text/csv" },
    });
    expect(json.body.rowCount).toBe(4);
    const unknown = await call(auditor, "GET /reports/allocations?format=xlsx");
    expect(unknown.body).toMatchObject({ code: "report.unknown_format", details: { format: "xlsx" } });
    expect((await call(auditor, "GET /reports/allocations?colour=red")).body.code).toBe("http.invalid_input");
  });

  it("do not let a name become a formula", async () => {
    const name = "=cmd|' /C calc'!A0";
    await harness.app.db.withTx(async (tx) => {
      await tx
        .update(systems)
        .set({ name })
        .where(eq(systems.id, knownId<SystemId>("sys_a2")));
      await tx
        .update(organizations)
        .set({ nameEn: "@SUM(1)" })
        .where(eq(organizations.id, knownId<OrganizationId>("gd-guangzhou-health")));
    });
    const { text } = await call(member, "GET /reports/allocations?format=csv");
    expect(text).toContain(`"'${name}"`);
    expect(text).toContain(`"'@SUM(1)"`);
    expect(text).not.toMatch(/[,"][=@]/);
  });
});

describe("on the command line", () => {
  it("the same report covers the whole province, and is recorded as the system's", async () => {
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    expect(await reportCommand(harness.app, { name: "allocations", format: "json" }, print)).toBe(0);
    const printed = JSON.parse(lines.join("\n"));
    const { body } = await call(auditor, "GET /reports/allocations");
    expect(printed.rows).toEqual(body.rows);
    const bySystem = await harness.app.db.withTx((tx) =>
      tx.select().from(auditEntries).where(eq(auditEntries.requestId, "report command")),
    );
    expect(bySystem).toMatchObject([{ actor: { name: "system" }, after: { format: "json" } }]);
  });

  it("goes through any number of tenancies, each once", async () => {
    await harness.app.db.withTx(async (tx) => {
      for (let made = 0; made < 205; made += 1) await grantTenancy(tx, HRSS);
    });
    const lines: string[] = [];
    await reportCommand(
      harness.app,
      { name: "allocations", format: "json" },
      (line) => void lines.push(line),
    );
    const { rows } = JSON.parse(lines.join("\n"));
    const keys = new Set(rows.map((row: AllocationRow) => `${row.tenancyId} ${row.resourceClass}`));
    const live = await harness.app.db.withTx((tx) =>
      tx.select({ id: tenancies.id }).from(tenancies).where(eq(tenancies.status, "in_service")),
    );
    expect(rows).toHaveLength(2 * live.length);
    expect(keys.size).toBe(rows.length);
    expect(lines.length).toBeGreaterThan(4);
  });
});
