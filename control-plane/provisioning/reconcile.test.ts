import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { ProviderFault } from "../../providers/faults.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { knownId, type TenancyId } from "../kernel/ids.ts";
import { acceptRequest } from "../requests/accept.ts";
import { approveRequest } from "../requests/approve.ts";
import { reviewRequest } from "../requests/review.ts";
import { submitRequest } from "../requests/submit.ts";
import { withdrawRequest } from "../requests/withdraw.ts";
import { resumeTenancy } from "../tenancies/resume.ts";
import { suspendTenancy } from "../tenancies/suspend.ts";
import { perform } from "../verb.ts";
import { dyingBefore, instances, Killed, openStory, SMALL, type Story } from "./provisioning.fixture.ts";
import { unconvergedTenancies } from "./rows.ts";
import { settle } from "./settle.ts";

/** On a database of each kind: `openStory` opens `testApp`. */
let story: Story;

beforeAll(async () => {
  story = await openStory();
});
afterAll(() => story.close());

afterEach(async () => {
  await story.admin("DELETE", "/faults");
  expect(await brokenInvariants(story.app.db)).toEqual([]);
});

const tenancyRow = (id: string) => story.one(sql`SELECT * FROM tenancies WHERE id = ${id}`);
const statusOf = async (id: string) => (await tenancyRow(id)).status;
const placementRow = (id: string, role = "primary") =>
  story.one(sql`SELECT * FROM placements WHERE tenancy_id = ${id} AND role = ${role}`);
const nameOf = async (id: string, role = "primary") =>
  String((await placementRow(id, role)).id).replace("_", "-");
const operationOf = async (id: string) =>
  (await story.rows(sql`SELECT * FROM operations WHERE tenancy_id = ${id} ORDER BY id DESC`))[0] ?? {};
const claimsOf = async (id: string) =>
  Object.fromEntries(
    (await story.rows(sql`SELECT resource_class, amount FROM claims WHERE tenancy_id = ${id}`)).map((row) => [
      row.resource_class,
      Number(row.amount),
    ]),
  );
const auditOf = async (id: string) =>
  (await story.rows(sql`SELECT action FROM audit_entries WHERE target_id = ${id} ORDER BY id`)).map(
    (row) => row.action,
  );

/** What the cloud has of a tenancy: quota and machines by name and size. */
async function atCloud(id: string) {
  const name = await nameOf(id);
  const tenancy = await story.provider.getTenancy(name);
  const { items } = await story.provider.listInstances(name);
  const machines = Object.fromEntries(items.map((one) => [one.name, one.vcpu]));
  return { state: tenancy.state, quota: tenancy.quota, isolated: tenancy.isolated, machines };
}

/** Tenancies at the cloud that bear the control plane's mark of this one. */
async function marked(id: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: Awaited<ReturnType<Story["provider"]["listTenancies"]>> = await story.provider.listTenancies(
      after === "" ? {} : { after },
    );
    found.push(...page.items.filter((one) => one.ownership?.tenancyId === id).map((one) => one.name));
    after = page.next;
  }
  return found;
}

async function inTrial(body: Record<string, unknown> = {}): Promise<string> {
  const id = await story.grant(body);
  await story.reconcile(id);
  return id;
}

describe("a new tenancy", () => {
  it("comes from a small request to its trial run without a person", async () => {
    const id = await story.grant();
    expect(story.jobs.at(-1)).toEqual({ kind: "tenancy.reconcile", key: id });
    expect(await claimsOf(id)).toEqual(SMALL.resources);
    await story.reconcile(id);
    expect(await statusOf(id)).toBe("trial");
    expect(await atCloud(id)).toEqual({
      state: "active",
      quota: SMALL.resources,
      isolated: true,
      machines: { "app-1": 2 },
    });
    expect(await operationOf(id)).toMatchObject({
      kind: "provision",
      status: "succeeded",
      progress: 100,
      error: null,
    });
    expect(await auditOf(id)).toEqual(["tenancy.granted", "tenancy.provisioned"]);
    const request = await story.one(
      sql`SELECT status, due_at FROM tenancy_requests WHERE tenancy_id = ${id}`,
    );
    expect(request).toEqual({ status: "trial", due_at: null });
  });

  it("asks for nothing more once it stands", async () => {
    const id = await inTrial();
    const before = [await placementRow(id), await operationOf(id), await auditOf(id)];
    await story.reconcile(id);
    expect([await placementRow(id), await operationOf(id), await auditOf(id)]).toEqual(before);
    expect(await statusOf(id)).toBe("trial");
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
    expect((await tenancyRow(tenancyId)).granted).toMatchObject({
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

describe("a change of size", () => {
  it("claims growth at once and has the cloud follow", async () => {
    const id = await inTrial();
    const asked = await story.submit({
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 8, MEMORY_GIB: 16, BLOCK_STORAGE_GIB: 200 },
      instances: instances({ name: "app", count: 3 }),
    });
    expect(asked.status).toBe("provisioning");
    expect(await claimsOf(id)).toMatchObject({ VCPU: 8 });
    expect(await statusOf(id)).toBe("changing");
    await story.reconcile(id);
    expect(await atCloud(id)).toMatchObject({
      quota: { VCPU: 8 },
      machines: { "app-1": 2, "app-2": 2, "app-3": 2 },
    });
    expect(await statusOf(id)).toBe("trial");
    expect(await story.one(sql`SELECT status FROM tenancy_requests WHERE id = ${asked.id}`)).toEqual({
      status: "closed",
    });
  });

  it("returns claims only after the cloud has let go", async () => {
    const id = await inTrial();
    await story.submit({
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 },
    });
    await settle(story.app, knownId<TenancyId>(id));
    expect(await claimsOf(id)).toEqual(SMALL.resources);
    await story.admin("POST", "/faults", {
      fault: { kind: "status", status: 503 },
      match: { method: "PATCH" },
      count: 1,
    });
    await expect(story.reconcile(id)).rejects.toMatchObject({ kind: "Unavailable" });
    expect(await claimsOf(id)).toEqual(SMALL.resources);
    await story.reconcile(id);
    expect(await claimsOf(id)).toEqual({ VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 });
    expect((await atCloud(id)).quota).toEqual({ VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 });
  });

  it("replaces machines within the same quota", async () => {
    const id = await inTrial({ resources: { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 } });
    await story.change({
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 },
      instances: instances({ name: "web" }),
    });
    expect(await atCloud(id)).toMatchObject({ machines: { "web-1": 2 } });
    expect(await statusOf(id)).toBe("trial");
  });

  it("shifts size between machines within the same quota", async () => {
    const pair = (a: number, b: number) =>
      instances({ name: "a", vcpu: a, memoryGiB: b }, { name: "b", vcpu: b, memoryGiB: a });
    const resources = { VCPU: 6, MEMORY_GIB: 6, BLOCK_STORAGE_GIB: 40 };
    const id = await inTrial({ resources, instances: pair(2, 4) });
    await story.change({ kind: "resize", tenancyId: id, resources, instances: pair(4, 2) });
    expect(await atCloud(id)).toMatchObject({ machines: { "a-1": 4, "b-1": 2 } });
  });

  it("keeps on whose word it was approved", async () => {
    const id = await inTrial();
    const changed = await story.change({
      kind: "resize",
      tenancyId: id,
      resources: { ...SMALL.resources, VCPU: 24 },
    });
    expect(changed.approvals).toHaveLength(1);
    expect((await tenancyRow(id)).granted).toMatchObject({
      requestId: changed.id,
      planHash: changed.planHash,
      approvedBy: [story.approver.actor.accountId],
    });
  });

  it("is refused where the machines that stay would not fit", async () => {
    const id = await inTrial();
    const smaller = {
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 1, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
    };
    await expect(story.submit(smaller)).rejects.toMatchObject({
      code: "http.invalid_input",
      details: { issues: [{ path: "instances" }] },
    });
  });

  it("is refused where a machine would have to become another", async () => {
    const id = await inTrial();
    const other = {
      kind: "resize",
      tenancyId: id,
      resources: SMALL.resources,
      instances: instances({ name: "app", image: "anolis-8" }),
    };
    await expect(story.submit(other)).rejects.toMatchObject({ code: "http.invalid_input" });
  });

  it("is refused while another is under way", async () => {
    const id = await inTrial();
    const resize = (VCPU: number) => ({
      kind: "resize",
      tenancyId: id,
      resources: { ...SMALL.resources, VCPU },
    });
    const waiting = await story.submit(resize(30));
    await expect(story.submit(resize(6))).rejects.toMatchObject({ code: "tenancy.change_in_progress" });
    await perform(story.app, story.member, withdrawRequest, { id: waiting.id, reason: "改小" });
    await story.submit(resize(6));
    await expect(story.submit(resize(7))).rejects.toMatchObject({ code: "tenancy.invalid_transition" });
    await story.reconcile(id);
  });

  it("takes away a part that nothing is asked of any more", async () => {
    const body = {
      network: { zones: ["extranet", "internet"], internetExposed: true },
      purpose: "互联网出口",
    };
    const asked = await story.submit({
      ...SMALL,
      ...body,
      resources: { ...SMALL.resources, PUBLIC_IPV4: 1 },
    });
    const { tenancyId } = await story.decide(asked);
    if (tenancyId === null) throw new Error("not launched");
    await story.reconcile(tenancyId);
    const edge = await nameOf(tenancyId, "edge");
    expect(await story.provider.getTenancy(edge)).toMatchObject({ quota: { PUBLIC_IPV4: 1 } });
    await story.change({ kind: "resize", tenancyId, resources: SMALL.resources });
    await expect(story.provider.getTenancy(edge)).rejects.toMatchObject({ kind: "NotFound" });
    expect(await claimsOf(tenancyId)).toEqual(SMALL.resources);
    await story.change({ kind: "release", tenancyId, dataExport: "done" });
    expect(await statusOf(tenancyId)).toBe("closed");
  });

  it("does not start what was suspended", async () => {
    const id = await inTrial();
    await perform(story.app, story.operator, suspendTenancy, { id, reason: "欠费" });
    await story.reconcile(id);
    expect(await atCloud(id)).toMatchObject({ state: "suspended" });
    await story.change({ kind: "resize", tenancyId: id, resources: { ...SMALL.resources, VCPU: 6 } });
    expect(await atCloud(id)).toMatchObject({ state: "suspended", quota: { VCPU: 6 } });
    expect(await statusOf(id)).toBe("suspended");
    await perform(story.app, story.operator, resumeTenancy, { id });
    await story.reconcile(id);
    expect(await atCloud(id)).toMatchObject({ state: "active" });
    expect(await statusOf(id)).toBe("trial");
  });
});

describe("renewal and release", () => {
  it("renews without a word to the cloud", async () => {
    const id = await inTrial();
    const renewal = await story.submit({ kind: "renew", tenancyId: id, end: "2027-11-20" });
    expect(renewal.status).toBe("closed");
    expect(await tenancyRow(id)).toMatchObject({ status: "trial", term_end: expect.anything() });
    expect(await story.one(sql`SELECT term_end::text FROM tenancies WHERE id = ${id}`)).toEqual({
      term_end: "2027-11-20",
    });
    await expect(story.submit({ kind: "renew", tenancyId: id, end: "2027-11-20" })).rejects.toMatchObject({
      code: "http.invalid_input",
    });
  });

  it("ends with everything wiped, returned and on record", async () => {
    const id = await inTrial();
    const name = await nameOf(id);
    await story.change({ kind: "release", tenancyId: id, dataExport: "done" });
    expect(await statusOf(id)).toBe("closed");
    expect(await claimsOf(id)).toEqual({});
    expect(await placementRow(id)).toMatchObject({ wipe_receipt: { tenancyName: name, volumesWiped: 1 } });
    await expect(story.provider.getTenancy(name)).rejects.toMatchObject({ kind: "NotFound" });
    expect((await auditOf(id)).slice(2)).toEqual([
      "tenancy.changed",
      "tenancy.exported",
      "tenancy.wiped",
      "tenancy.closed",
    ]);
    expect((await tenancyRow(id)).status_reason).toContain(name);
  });

  it("gives back a tenancy that was never built, and ends the attempt to build it", async () => {
    const id = await story.grant();
    await story.change({ kind: "release", tenancyId: id, dataExport: "not_needed" });
    expect(await statusOf(id)).toBe("closed");
    expect((await tenancyRow(id)).status_reason).toContain("without receipt");
    const operations = await story.rows(
      sql`SELECT kind, status, error FROM operations WHERE tenancy_id = ${id} ORDER BY id`,
    );
    expect(operations).toMatchObject([
      { kind: "provision", status: "failed", error: { code: "operation.superseded" } },
      { kind: "retire", status: "succeeded" },
    ]);
  });
});

describe("a process that is killed", () => {
  it("leaves one tenancy, whatever the step, when the next one goes on", async () => {
    const died = { provision: 0, resize: 0, retire: 0 };
    const survive = async (phase: keyof typeof died, id: string, step: number) => {
      const { app, clouds } = dyingBefore(story, step);
      try {
        await story.reconcile(id, app, clouds);
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        died[phase] = step;
      }
      await story.reconcile(id);
    };
    // The steps are the same on every database, so only one of them is taken through all.
    const stride = inject("serverUrl") === null ? 1 : 3;
    for (let step = 1; step < 100; step += stride) {
      const before = { ...died };
      const id = await story.grant();
      await survive("provision", id, step);
      expect(await marked(id)).toEqual([await nameOf(id)]);
      expect(await atCloud(id)).toMatchObject({ quota: SMALL.resources, machines: { "app-1": 2 } });
      expect(await statusOf(id)).toBe("trial");
      const resources = { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 };
      await story.submit({ kind: "resize", tenancyId: id, resources, instances: instances({ name: "web" }) });
      await survive("resize", id, step);
      expect(await atCloud(id)).toMatchObject({ quota: resources, machines: { "web-1": 2 } });
      expect(await claimsOf(id)).toEqual(resources);
      await story.submit({ kind: "release", tenancyId: id, dataExport: "done" });
      await survive("retire", id, step);
      expect(await marked(id)).toEqual([]);
      expect(await statusOf(id)).toBe("closed");
      expect(await operationOf(id)).toMatchObject({ kind: "retire", status: "succeeded" });
      expect(await placementRow(id)).toMatchObject({ wipe_receipt: { volumesWiped: 2 } });
      if (Object.values(died).join() === Object.values(before).join()) break;
    }
    // Each phase has calls and transactions enough that dying at each of them says something.
    expect(Math.min(...Object.values(died))).toBeGreaterThan(8);
    expect(Math.max(...Object.values(died))).toBeLessThan(99);
  }, 60_000);
});

describe("a cloud that misbehaves", () => {
  const fault = (kind: Record<string, unknown>, match: Record<string, unknown>, count = 1) =>
    story.admin("POST", "/faults", { fault: kind, match, count });

  const intentsOf = async (id: string) =>
    story.rows(sql`SELECT step, attempts, client_token FROM intents
                    WHERE placement_id = ${(await placementRow(id)).id} ORDER BY id`);

  it("may lose its reply: the next look finds what was made, and nothing is made twice", async () => {
    const id = await story.grant();
    await fault({ kind: "lost-reply" }, { method: "POST", pathPrefix: "/tenancies" }, 2);
    for (let run = 0; run < 2; run += 1) {
      await expect(story.reconcile(id)).rejects.toMatchObject({ kind: "Unavailable" });
      expect(await operationOf(id)).toMatchObject({
        status: "running",
        error: { code: "provider.Unavailable", transient: true },
      });
    }
    await story.reconcile(id);
    expect((await intentsOf(id)).map(({ attempts }) => attempts)).toEqual([1, 1]);
    expect(await marked(id)).toHaveLength(1);
    expect((await atCloud(id)).machines).toEqual({ "app-1": 2 });
    expect(await operationOf(id)).toMatchObject({ status: "succeeded", error: null });
  });

  it("may throttle: the same call is made again later, with the same token", async () => {
    const id = await story.grant();
    await fault({ kind: "status", status: 429, retryAfterSeconds: 1 }, { method: "POST" });
    await expect(story.reconcile(id)).rejects.toMatchObject({ kind: "Throttled" });
    expect(await operationOf(id)).toMatchObject({ status: "running", error: { transient: true } });
    const [first] = await intentsOf(id);
    await story.reconcile(id);
    expect(await statusOf(id)).toBe("trial");
    // The same call with the same token, and no second intent beside it.
    expect(await intentsOf(id)).toMatchObject([{ ...first, attempts: 2 }, { attempts: 1 }]);
  });

  it("may deny: the operation has failed until a person has it retried", async () => {
    const id = await story.grant();
    await fault({ kind: "status", status: 403 }, { method: "POST" });
    await story.reconcile(id);
    expect(await statusOf(id)).toBe("provisioning");
    expect(await operationOf(id)).toMatchObject({
      status: "failed",
      error: { code: "provider.Denied", transient: false, messageZh: expect.stringContaining("拒绝") },
    });
    const { id: operationId } = await operationOf(id);
    expect(await auditOf(String(operationId))).toEqual(["operation.failed"]);
    expect(await story.app.db.withTx((tx) => unconvergedTenancies(tx, 1000))).not.toContain(id);
    await story.reconcile(id);
    expect(await operationOf(id)).toMatchObject({ status: "succeeded", error: null });
  });

  it("is not forgotten after a failure that something newer has followed", async () => {
    const id = await story.grant();
    await fault({ kind: "status", status: 403 }, { method: "POST" });
    await story.reconcile(id);
    await story.submit({ kind: "release", tenancyId: id, dataExport: "not_needed" });
    expect(await story.app.db.withTx((tx) => unconvergedTenancies(tx, 1000))).toContain(id);
    await story.reconcile(id);
    const statuses = await story.rows(
      sql`SELECT kind, status FROM operations WHERE tenancy_id = ${id} ORDER BY id`,
    );
    expect(statuses).toEqual([
      { kind: "provision", status: "failed" },
      { kind: "retire", status: "succeeded" },
    ]);
  });

  it("may show half of its machines: none of the others is made again", async () => {
    const id = await inTrial({ instances: instances({ name: "app", count: 2 }) });
    await fault({ kind: "partial-list" }, {}, 1);
    await expect(story.reconcile(id)).rejects.toBeInstanceOf(ProviderFault);
    expect(await auditOf(id)).not.toContain("tenancy.repaired");
  });
});

describe("what changes behind our back", () => {
  it("is repaired where the quota was changed, and put on record", async () => {
    const id = await inTrial();
    await story.admin("PATCH", `/tenancies/${await nameOf(id)}`, {
      quota: { VCPU: 999, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
    });
    await story.reconcile(id);
    expect((await atCloud(id)).quota).toEqual(SMALL.resources);
    expect(await auditOf(id)).toContain("tenancy.repaired");
    const entry = await story.one(
      sql`SELECT reason, after FROM audit_entries WHERE target_id = ${id} AND action = 'tenancy.repaired'`,
    );
    expect(entry).toEqual({ reason: "drift", after: { steps: ["ensure-tenancy tenancy"] } });
  });

  it("is repaired where its network was opened", async () => {
    const id = await inTrial();
    await story.admin("PATCH", `/tenancies/${await nameOf(id)}`, { ingress: "allow" });
    await story.reconcile(id);
    expect(await atCloud(id)).toMatchObject({ isolated: true });
  });

  it("is repaired where a machine was taken away or grew", async () => {
    const id = await inTrial({ instances: instances({ name: "app" }, { name: "db" }) });
    const name = await nameOf(id);
    await story.admin("DELETE", `/tenancies/${name}/instances/app-1`);
    await story.admin("PATCH", `/tenancies/${name}/instances/db-1`, { vcpu: 4 });
    await story.reconcile(id);
    expect((await atCloud(id)).machines).toEqual({ "app-1": 2, "db-1": 2 });
    expect(await statusOf(id)).toBe("trial");
  });

  it("is built again where the whole tenancy vanished", async () => {
    const id = await inTrial();
    await story.admin("DELETE", `/tenancies/${await nameOf(id)}`);
    await story.reconcile(id);
    expect(await atCloud(id)).toMatchObject({
      state: "active",
      quota: SMALL.resources,
      machines: { "app-1": 2 },
    });
  });

  it("does not hinder a release", async () => {
    const id = await inTrial();
    await story.admin("DELETE", `/tenancies/${await nameOf(id)}`);
    await story.change({ kind: "release", tenancyId: id, dataExport: "done" });
    expect(await statusOf(id)).toBe("closed");
  });

  it("is a conflict where somebody else has our name, and is never touched", async () => {
    const id = await story.grant();
    const name = await nameOf(id);
    const { pool_id } = await placementRow(id);
    await story.admin("POST", "/tenancies", { name, pool: pool_id, quota: { VCPU: 1 } });
    const before = await story.provider.getTenancy(name);
    await story.reconcile(id);
    expect(await operationOf(id)).toMatchObject({ status: "failed", error: { code: "provider.Conflict" } });
    await story.change({ kind: "release", tenancyId: id, dataExport: "not_needed" });
    expect(await story.provider.getTenancy(name)).toEqual(before);
    expect(await operationOf(id)).toMatchObject({ status: "failed", error: { code: "provider.Conflict" } });
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.reconcile(id);
    expect(await statusOf(id)).toBe("closed");
  });

  it("is a conflict where another installation made the same placement", async () => {
    const id = await inTrial();
    const name = await nameOf(id);
    const { pool_id } = await placementRow(id);
    const { ownership } = await story.provider.getTenancy(name);
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.admin("POST", "/tenancies", {
      name,
      pool: pool_id,
      ownership: { ...ownership, installation: "rehearsal" },
    });
    await story.change({ kind: "release", tenancyId: id, dataExport: "done" });
    expect(await story.provider.getTenancy(name)).toMatchObject({ ownership: { installation: "rehearsal" } });
    expect(await statusOf(id)).toBe("exported");
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.reconcile(id);
  });
});
