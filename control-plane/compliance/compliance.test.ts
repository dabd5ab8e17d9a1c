import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, itemsOf, type TestCall } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { settledRows } from "../../tests/support/sealing.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { auditEntries } from "../db/schema/audit.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import { publish } from "../events/publish.ts";
import { DAY_MS, HOUR_MS } from "../kernel/clock.ts";
import { type CloudId, knownId, type TenancyId } from "../kernel/ids.ts";
import type { ObservedPlacement } from "../provisioning/desired.ts";
import { type GrantedTenancy, grantTenancy, HEALTH, HRSS } from "../tenancies/tenancy.fixture.ts";
import { workOnAssessments } from "./assess.ts";
import { shownAt, testRules } from "./assessment.fixture.ts";
import { followChanges } from "./follow.ts";
import { complianceRoutes } from "./routes.ts";

let house: TestApp;
let call: TestCall;
let security: Caller;
let member: Caller;
let operator: Caller;
let health: GrantedTenancy;
let hrss: GrantedTenancy;

const PROVINCIAL = "provincial-extranet-kunpeng";

beforeAll(async () => {
  house = await testApp({ policies: testRules(), environment: { EVIDENCE_LIMIT_MIB: "1" } });
  await house.app.db.withTx(smallProvince);
  call = apiOf(house.app, complianceRoutes);
  security = await house.callerWith([{ role: "security_administrator" }]);
  member = await house.callerWith([{ role: "department_member", organization: "gd-guangzhou" }]);
  operator = await house.callerWith([{ role: "cloud_operator", cloud: "provincial" }]);
  await house.app.db.withTx(async (tx) => {
    health = await grantTenancy(tx, HEALTH);
    hrss = await grantTenancy(tx, HRSS);
  });
  await show(health, null);
  await show(hrss, shownAt({ pool: PROVINCIAL, isolated: false, images: ["centos-7", "kylin-v10-sp3"] }));
});
afterAll(() => house.close());

const show = (tenancy: GrantedTenancy, observed: ObservedPlacement | null) =>
  house.app.db.withTx(async (tx) => {
    await tx.update(placements).set({ observed }).where(eq(placements.tenancyId, tenancy.tenancyId));
  });
const assessAll = async () => {
  const answer = await call(security, "POST /compliance/assessments", { body: { reason: "检查" } });
  await workOnAssessments(house.app);
  return (await call(security, `GET /compliance/assessments/${answer.body.id}`)).body;
};
const findings = async (caller: Caller, filter = "") =>
  itemsOf(await call(caller, `GET /compliance/findings?limit=500&${filter}`));
const named = async (controlId: string) =>
  (await findings(security, `controlId=${controlId}`)).map(({ resource, verdict, status }) =>
    [(resource as { kind: string }).kind, verdict, status].join(" "),
  );
const events = async (drafts: Parameters<typeof publish>[2]) => {
  await house.app.db.withTx((tx) => publish(tx, house.app, drafts));
  await settledRows(house.app, "events");
};

describe("an assessment", () => {
  it("judges what clouds show, and says of what nobody has seen that evidence is missing", async () => {
    const run = await assessAll();
    expect(run).toMatchObject({
      status: "succeeded",
      progress: 100,
      trigger: "demand",
      day: "2026-11-20",
      counts: { partial: 1, not_applicable: expect.any(Number) },
    });
    expect(run.resultsDigest).toMatch(/^[0-9a-f]{64}$/);
    // The department was granted kylin; the cloud shows a machine that it did not ask for.
    expect(await named("image")).toEqual(["instance fail open"]);
    expect((await named("isolated")).sort()).toEqual([
      "tenancy fail open",
      "tenancy insufficient_evidence open",
    ]);
    expect((await named("encrypted")).sort()).toEqual([
      "tenancy insufficient_evidence open",
      "tenancy partial open",
    ]);
    expect(await named("guarded")).toHaveLength(4);
    expect(await named("trained")).toEqual([]);
  });

  it("is written into the audit log with its digests and the versions of its rules", async () => {
    const rows = await house.app.db.withTx((tx) =>
      tx.select().from(auditEntries).where(eq(auditEntries.action, "assessment.complete")),
    );
    expect(rows).toMatchObject([
      {
        targetType: "assessment",
        after: { versions: { grade: 1, guarded: 1 }, resultsDigest: expect.any(String), units: null },
      },
    ]);
  });

  it("cannot be changed by anybody any more, nor can its results", async () => {
    const change = (statement: ReturnType<typeof sql>) =>
      house.app.db
        .withTx((tx) => tx.execute(statement))
        .then(
          () => "changed",
          (error: { cause?: { message?: string } }) => String(error.cause?.message ?? error),
        );
    expect(await change(sql`UPDATE assessments SET results = 0`)).toContain("is finished");
    expect(await change(sql`DELETE FROM assessment_chunks`)).toContain("is finished");
    expect(await change(sql`DELETE FROM compliance_finding_events`)).toContain("append-only");
  });

  it("gives the same digests for the same facts", async () => {
    const [first, second] = [await assessAll(), await assessAll()];
    expect(second.inputDigest).toBe(first.inputDigest);
    expect(second.resultsDigest).toBe(first.resultsDigest);
  });

  it("is one at a time, is refused without the permission, and hides the province from those who see a part", async () => {
    const ordered = await call(security, "POST /compliance/assessments", { body: { reason: "检查" } });
    expect(ordered.status).toBe(202);
    const again = await call(security, "POST /compliance/assessments", { body: { reason: "检查" } });
    expect(again.body.code).toBe("compliance.assessment_open");
    expect((await call(member, "POST /compliance/assessments", { body: { reason: "检查" } })).status).toBe(
      403,
    );
    await workOnAssessments(house.app);
    const [newest] = itemsOf(await call(member, "GET /compliance/assessments"));
    expect(newest).toMatchObject({ status: "succeeded", counts: null, results: null });
  });

  it("is begun anew where its worker was killed", async () => {
    await call(security, "POST /compliance/assessments", { body: { reason: "检查" } });
    await house.app.db.withTx((tx) =>
      tx.execute(
        sql`UPDATE assessments SET status = 'running', lease_until = ${house.clock.now().toISOString()}::timestamptz + interval '1 minute' WHERE status = 'pending'`,
      ),
    );
    await workOnAssessments(house.app);
    const newest = async () => itemsOf(await call(security, "GET /compliance/assessments"))[0];
    expect(await newest()).toMatchObject({ status: "running" });
    house.clock.advance(HOUR_MS);
    await workOnAssessments(house.app);
    expect(await newest()).toMatchObject({ status: "succeeded" });
  });
});

describe("findings", () => {
  const only = async (controlId: string, kind: string) => {
    const found = (await findings(security, `controlId=${controlId}`)).find(
      ({ resource, verdict }) => (resource as { kind: string }).kind === kind && verdict === "fail",
    );
    if (found === undefined) throw new Error(`no finding about ${controlId}`);
    return found;
  };
  const step = (caller: Caller, id: unknown, what: string, extra = {}) =>
    call(caller, `POST /compliance/findings/${id}/${what}`, { body: { reason: "已核实", ...extra } });

  it("have an owner, and a due date by how severe they are", async () => {
    expect(await only("isolated", "tenancy")).toMatchObject({
      owner: "organization:gd-hrss",
      severity: "high",
      dueOn: "2026-12-05",
      systemId: "sys_a1",
    });
    const [cloud] = await findings(security, "controlId=guarded&cloudId=provincial");
    expect(cloud).toMatchObject({ owner: "cloud:provincial", severity: "low", dueOn: "2027-02-18" });
  });

  it("are seen by those who see what they are about", async () => {
    const ofMember = await findings(member);
    expect(new Set(ofMember.map(({ organizationId }) => organizationId))).toEqual(
      new Set(["gd-guangzhou-health"]),
    );
    const ofOperator = await findings(operator);
    expect(new Set(ofOperator.map(({ cloudId }) => cloudId))).toEqual(new Set(["provincial"]));
    const { id } = await only("isolated", "tenancy");
    expect((await call(member, `GET /compliance/findings/${id}`)).status).toBe(404);
    expect((await step(member, id, "acknowledge")).status).toBe(404);
  });

  it("go through their life, and what was closed by word of mouth is opened again", async () => {
    const { id } = await only("isolated", "tenancy");
    expect((await step(security, id, "acknowledge", { assignee: "网络组" })).body).toMatchObject({
      status: "acknowledged",
      assignee: "网络组",
    });
    expect((await step(security, id, "remediate")).body.status).toBe("in_remediation");
    expect((await step(security, id, "acknowledge")).body.code).toBe("compliance.finding_transition");
    expect((await step(security, id, "resolve")).body.status).toBe("resolved");
    await assessAll();
    expect((await only("isolated", "tenancy")).status).toBe("reopened");
    await show(hrss, shownAt({ pool: PROVINCIAL }));
    await assessAll();
    const { body } = await call(security, `GET /compliance/findings/${id}`);
    expect((body.history as { status: string }[]).map(({ status }) => status)).toEqual([
      "open",
      "acknowledged",
      "in_remediation",
      "resolved",
      "reopened",
      "resolved",
    ]);
  });

  it("about a separated cloud are not closed by whoever operates it", async () => {
    const [own] = await findings(operator, "controlId=guarded");
    await house.app.db.withTx((tx) => tx.execute(sql`UPDATE clouds SET operating_model = 'separated'`));
    expect((await step(operator, own?.id, "acknowledge")).status).toBe(200);
    const refused = await step(operator, own?.id, "resolve");
    expect(refused).toMatchObject({ status: 403, body: { code: "compliance.own_finding" } });
    await house.app.db.withTx((tx) => tx.execute(sql`UPDATE clouds SET operating_model = 'integrated'`));
    expect((await step(operator, own?.id, "resolve")).body.status).toBe("resolved");
  });

  it("that are behind their due date are told apart", async () => {
    expect(await findings(security, "overdue=true")).toEqual([]);
    house.clock.advance(40 * DAY_MS);
    expect((await findings(security, "overdue=true")).map(({ severity }) => severity)).toContain("high");
    const trend = await call(security, "GET /compliance/trend?by=cloud");
    expect(trend.body.overdue).toContainEqual({ severity: "high", count: expect.any(Number) });
    house.clock.advance(-40 * DAY_MS);
  });
});

describe("a change", () => {
  const newest = async () => itemsOf(await call(security, "GET /compliance/assessments"))[0];

  it("has only those looked at again that it touches", async () => {
    await followChanges(house.app);
    await workOnAssessments(house.app);
    const whole = await newest();
    expect(whole).toMatchObject({ trigger: "schedule", units: null });
    await followChanges(house.app);
    expect((await newest())?.id).toBe(whole?.id);
    await show(health, shownAt({ pool: "guangzhou-extranet-kunpeng", isolated: false }));
    await events([changed(health.tenancyId)]);
    await followChanges(house.app);
    await workOnAssessments(house.app);
    expect(await newest()).toMatchObject({ trigger: "change", units: 1, baseId: whole?.id });
    const own = await findings(member, "controlId=isolated");
    expect(own).toMatchObject([{ verdict: "fail" }]);
  });

  it("that ends a tenancy resolves what was found about it", async () => {
    await house.app.db.withTx((tx) =>
      tx
        .update(tenancies)
        .set({ status: "closed" })
        .where(eq(tenancies.id, knownId<TenancyId>(health.tenancyId))),
    );
    await events([changed(health.tenancyId)]);
    await followChanges(house.app);
    await workOnAssessments(house.app);
    expect(new Set((await findings(member)).map(({ status }) => status))).toEqual(new Set(["resolved"]));
  });

  it("of the day has everything looked at again", async () => {
    house.clock.advance(DAY_MS);
    await followChanges(house.app);
    expect(await newest()).toMatchObject({ trigger: "schedule", reason: "daily", status: "pending" });
    await workOnAssessments(house.app);
    expect(await newest()).toMatchObject({ day: "2026-11-21", status: "succeeded" });
  });

  it("is not looked for again at once after a run has failed, and then everywhere", async () => {
    await call(security, "POST /compliance/assessments", { body: { reason: "检查" } });
    await house.app.db.withTx((tx) =>
      tx.execute(sql`UPDATE assessments SET status = 'failed' WHERE status = 'pending'`),
    );
    await followChanges(house.app);
    expect(await newest()).toMatchObject({ status: "failed" });
    house.clock.advance(HOUR_MS);
    await followChanges(house.app);
    expect(await newest()).toMatchObject({ status: "pending", reason: "after a failure", units: null });
    await workOnAssessments(house.app);
  });

  const changed = (subjectId: string) => ({
    type: "tenancy.changed" as const,
    subjectId,
    organizationId: null,
    cloudId: knownId<CloudId>("guangzhou"),
    data: {},
  });
});

describe("evidence", () => {
  const path = (query: string) =>
    `POST /compliance/evidence?fileName=inspection.pdf&validFrom=2026-11-20&${query}`;
  const hand = (caller: Caller, query: string, body: unknown = { checked: true }) =>
    call(caller, path(query), { body, headers: { "content-type": "application/pdf" } });

  it("is kept with its digest, makes an attested control pass, and runs out", async () => {
    const given = await hand(operator, "controlId=guarded&coverage=cloud:provincial&validUntil=2026-11-21");
    expect(given).toMatchObject({ status: 201, body: { sha256: expect.any(String), bytes: 16 } });
    const file = await call(operator, `GET /compliance/evidence/${given.body.id}/file`);
    expect(file.text).toBe('{"checked":true}');
    expect(file.headers.get("content-disposition")).toContain("attachment");
    const statuses = async () => {
      await assessAll();
      return (await findings(operator, "controlId=guarded")).map(({ status }) => status);
    };
    expect(await statuses()).toEqual(["resolved"]);
    house.clock.advance(DAY_MS);
    expect(await statuses()).toEqual(["reopened"]);
  });

  it("is withdrawn once, and never changed", async () => {
    const { body } = await hand(security, "controlId=encrypted&coverage=province&validUntil=2027-11-20");
    const withdraw = () =>
      call(security, `POST /compliance/evidence/${body.id}/withdraw`, { body: { reason: "文件有误" } });
    expect((await withdraw()).body.withdrawn).toMatchObject({ reason: "文件有误" });
    expect((await withdraw()).body.generation).toBe(2);
    const refused = await house.app.db
      .withTx((tx) => tx.execute(sql`UPDATE compliance_evidence SET sha256 = 'x'`))
      .catch((error: { cause?: { message?: string } }) => error.cause?.message);
    expect(refused).toContain("may only be withdrawn");
  });

  it("is refused where it is too large, empty, for no such control or for places of others", async () => {
    const good = "controlId=guarded&coverage=cloud:provincial&validUntil=2027-01-01";
    const tooLarge = await call(operator, path(good), {
      body: {},
      headers: { "content-type": "application/pdf", "content-length": String(2 ** 30) },
    });
    expect(tooLarge).toMatchObject({ status: 413, body: { code: "http.body_too_large" } });
    expect((await hand(operator, good, "x".repeat(1_100_000))).status).toBe(413);
    const code = async (caller: Caller, query: string) => (await hand(caller, query)).body.code;
    expect(await code(operator, good.replace("guarded", "unknown"))).toBe("compliance.unknown_control");
    expect(await code(operator, good.replace("guarded", "isolated"))).toBe("compliance.not_attested");
    expect(await code(operator, good.replace("provincial", "shenzhen"))).toBe("http.not_found");
    expect(await code(operator, good.replace("cloud:provincial", "province"))).toBe("auth.forbidden");
    expect(await code(operator, good.replace("2027", "2025"))).toBe("http.invalid_input");
    expect((await call(operator, path(good))).body.code).toBe("compliance.evidence_empty");
  });
});

describe("the trend", () => {
  it("shows the scores of whole runs by framework, cloud and organization", async () => {
    const { body } = await call(security, "GET /compliance/trend?framework=test");
    const [series] = body.series as { id: string; points: { score: number }[] }[];
    expect(series?.points.length).toBeGreaterThan(3);
    for (const { score } of series?.points ?? []) expect(score).toBeGreaterThanOrEqual(0);
    expect((await call(member, "GET /compliance/trend")).body.code).toBe("auth.forbidden");
    const own = await call(member, "GET /compliance/trend?by=organization");
    expect((own.body.series as { id: string }[]).map(({ id }) => id)).toEqual(["gd-guangzhou-health"]);
    const ofCloud = await call(operator, "GET /compliance/trend?by=cloud");
    expect((ofCloud.body.series as { id: string }[]).map(({ id }) => id)).toEqual(["provincial"]);
  });
});
