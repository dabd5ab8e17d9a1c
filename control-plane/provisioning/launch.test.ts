import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { acceptRequest } from "../requests/accept.ts";
import { approveRequest } from "../requests/approve.ts";
import { reviewRequest } from "../requests/review.ts";
import { submitRequest } from "../requests/submit.ts";
import { withdrawRequest } from "../requests/withdraw.ts";
import { perform } from "../verb.ts";
import { lookAt } from "./look.fixture.ts";
import { openStory, SMALL, type Story } from "./provisioning.fixture.ts";

/** On a database of each kind: `openStory` opens `testApp`. */
let story: Story;
let look: ReturnType<typeof lookAt>;

beforeAll(async () => {
  story = await openStory();
  look = lookAt(story);
});
afterAll(() => story.close());

afterEach(async () => {
  await story.admin("DELETE", "/faults");
  expect(await brokenInvariants(story.app.db)).toEqual([]);
});

describe("a new tenancy", () => {
  it("comes from a small request to its trial run without a person", async () => {
    const id = await story.grant();
    expect(story.jobs.at(-1)).toEqual({ kind: "tenancy.reconcile", key: id });
    expect(await look.claimsOf(id)).toEqual(SMALL.resources);
    await story.reconcile(id);
    expect(await look.statusOf(id)).toBe("trial");
    expect(await look.atCloud(id)).toEqual({
      state: "active",
      quota: SMALL.resources,
      isolated: true,
      machines: { "app-1": 2 },
    });
    expect(await look.operationOf(id)).toMatchObject({
      kind: "provision",
      status: "succeeded",
      progress: 100,
      error: null,
    });
    expect(await look.auditOf(id)).toEqual(["tenancy.granted", "tenancy.provisioned"]);
    const request = await story.one(
      sql`SELECT status, due_at FROM tenancy_requests WHERE tenancy_id = ${id}`,
    );
    expect(request).toEqual({ status: "trial", due_at: null });
  });

  it("asks for nothing more once it stands", async () => {
    const id = await story.inTrial();
    const before = [await look.placementRow(id), await look.operationOf(id), await look.auditOf(id)];
    await story.reconcile(id);
    expect([await look.placementRow(id), await look.operationOf(id), await look.auditOf(id)]).toEqual(before);
    expect(await look.statusOf(id)).toBe("trial");
  });

  it("waits for approval of exactly one plan where it is large", async () => {
    const large = { ...SMALL, purpose: "大型", resources: { ...SMALL.resources, VCPU: 17 } };
    const request = await story.submit(large);
    expect(request).toMatchObject({
      status: "submitted",
      decision: { outcome: "needs_approval" },
      tenancyId: null,
    });
    const { id, planHash } = request;
    await perform(story.app, story.operator, acceptRequest, { id });
    await perform(story.app, story.operator, reviewRequest, { id });
    const other = `sha256:${"0".repeat(64)}`;
    await expect(
      perform(story.app, story.approver, approveRequest, { id, planHash: other }),
    ).rejects.toMatchObject({
      code: "request.plan_stale",
    });
    const approved = await perform(story.app, story.approver, approveRequest, { id, planHash });
    const { tenancyId } = approved;
    if (tenancyId === null) throw new Error("not launched");
    expect(approved).toMatchObject({
      status: "provisioning",
      approvals: [{ planHash, role: "approver/cloud" }],
    });
    await story.reconcile(tenancyId);
    expect((await look.tenancyRow(tenancyId)).granted).toMatchObject({
      planHash,
      approvedBy: [story.approver.actor.accountId],
    });
  });

  it("is never approved by who asked for it", async () => {
    const both = await story.callerWith([
      { role: "department_member", organization: "gd-guangzhou-health" },
      { role: "approver" },
      { role: "provincial_operator" },
    ]);
    const body = { ...SMALL, purpose: "自批", resources: { ...SMALL.resources, VCPU: 18 } };
    const { id, planHash } = await perform(story.app, both, submitRequest, { body });
    await perform(story.app, both, acceptRequest, { id });
    await perform(story.app, both, reviewRequest, { id });
    await expect(perform(story.app, both, approveRequest, { id, planHash })).rejects.toMatchObject({
      code: "auth.self_approval",
    });
    await perform(story.app, both, withdrawRequest, { id, reason: "不需要了" });
  });

  it("is planned again where the approved plan is no longer what would be done", async () => {
    const body = { ...SMALL, purpose: "漂移", resources: { ...SMALL.resources, VCPU: 19 } };
    const { id, planHash } = await story.submit(body);
    await story.rows(sql`
      INSERT INTO price_lists (id, name_zh, name_en, effective_from, fen_per_unit_month)
      VALUES ('new', '新价', 'new', '2026-11-01', '{"VCPU": 5000}')`);
    await perform(story.app, story.operator, acceptRequest, { id });
    await perform(story.app, story.operator, reviewRequest, { id });
    const approval = perform(story.app, story.approver, approveRequest, { id, planHash });
    await expect(approval).rejects.toMatchObject({
      code: "request.plan_drifted",
      details: { previous: planHash },
    });
    const row = await story.one(sql`SELECT plan_hash, status, plan FROM tenancy_requests WHERE id = ${id}`);
    expect(row).toMatchObject({ status: "reviewed", plan: { price: { monthlyFen: 95_000 } } });
    const again = await perform(story.app, story.approver, approveRequest, { id, planHash: row.plan_hash });
    expect(again.status).toBe("provisioning");
  });

  it("knows two equal requests that still wait as one", async () => {
    const body = { ...SMALL, purpose: "重复", resources: { ...SMALL.resources, VCPU: 20 } };
    const first = await story.submit(body);
    await expect(story.submit(body)).rejects.toMatchObject({
      code: "request.duplicate",
      details: { id: first.id },
    });
    await perform(story.app, story.member, withdrawRequest, { id: first.id, reason: "重复" });
    expect(await story.rows(sql`SELECT state FROM holds WHERE request_id = ${first.id}`)).toEqual([
      { state: "released" },
    ]);
  });

  it.each([
    ["as much as a number can hold", Number.MAX_SAFE_INTEGER],
    ["more than any province has", 1_000_000_000_000],
  ])("is refused, and nothing held, for %s", async (_, VCPU) => {
    const body = { ...SMALL, resources: { ...SMALL.resources, VCPU }, recovery: { class: "same_city" } };
    const outcome = await story.submit(body).catch((error: unknown) => error);
    expect([outcome]).toEqual([
      expect.toSatisfy((value) => value.status === "rejected" || value.code === "http.invalid_input"),
    ]);
  });

  it("is refused when its term is over before it begins", async () => {
    const term = { start: "2025-01-01", end: "2026-11-19" };
    await expect(story.submit({ ...SMALL, term })).rejects.toMatchObject({
      code: "http.invalid_input",
      details: { issues: [{ path: "term.end" }] },
    });
  });
});

describe("renewal and release", () => {
  it("renews without a word to the cloud", async () => {
    const id = await story.inTrial();
    const renewal = await story.submit({ kind: "renew", tenancyId: id, end: "2027-11-20" });
    expect(renewal.status).toBe("closed");
    expect(await look.tenancyRow(id)).toMatchObject({ status: "trial", term_end: expect.anything() });
    expect(await story.one(sql`SELECT term_end::text FROM tenancies WHERE id = ${id}`)).toEqual({
      term_end: "2027-11-20",
    });
    await expect(story.submit({ kind: "renew", tenancyId: id, end: "2027-11-20" })).rejects.toMatchObject({
      code: "http.invalid_input",
    });
  });

  it("ends with everything wiped, returned and on record", async () => {
    const id = await story.inTrial();
    const name = await look.nameOf(id);
    await story.change({ kind: "release", tenancyId: id, dataExport: "done" });
    expect(await look.statusOf(id)).toBe("closed");
    expect(await look.claimsOf(id)).toEqual({});
    expect(await look.placementRow(id)).toMatchObject({
      wipe_receipt: { tenancyName: name, volumesWiped: 1 },
    });
    await expect(story.provider.getTenancy(name)).rejects.toMatchObject({ kind: "NotFound" });
    expect((await look.auditOf(id)).slice(2)).toEqual([
      "tenancy.changed",
      "tenancy.exported",
      "tenancy.wiped",
      "tenancy.closed",
    ]);
    expect((await look.tenancyRow(id)).status_reason).toContain(name);
  });

  it("gives back a tenancy that was never built, and ends the attempt to build it", async () => {
    const id = await story.grant();
    await story.change({ kind: "release", tenancyId: id, dataExport: "not_needed" });
    expect(await look.statusOf(id)).toBe("closed");
    expect((await look.tenancyRow(id)).status_reason).toContain("without receipt");
    const operations = await story.rows(
      sql`SELECT kind, status, error FROM operations WHERE tenancy_id = ${id} ORDER BY id`,
    );
    expect(operations).toMatchObject([
      { kind: "provision", status: "failed", error: { code: "operation.superseded" } },
      { kind: "retire", status: "succeeded" },
    ]);
  });
});
