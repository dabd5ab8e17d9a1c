import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { ProviderFault } from "../../providers/faults.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { lookAt } from "./look.fixture.ts";
import { dyingBefore, instances, Killed, openStory, SMALL, type Story } from "./provisioning.fixture.ts";
import { unconvergedTenancies } from "./rows.ts";

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
    // The steps are the same on every database, so each kind is taken through half of them.
    const first = inject("serverUrl") === null ? 1 : 2;
    for (let step = first; step < 100; step += 2) {
      const before = { ...died };
      const id = await story.grant();
      await survive("provision", id, step);
      expect(await look.marked(id)).toEqual([await look.nameOf(id)]);
      expect(await look.atCloud(id)).toMatchObject({ quota: SMALL.resources, machines: { "app-1": 2 } });
      expect(await look.statusOf(id)).toBe("trial");
      const resources = { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 };
      await story.submit({ kind: "resize", tenancyId: id, resources, instances: instances({ name: "web" }) });
      await survive("resize", id, step);
      expect(await look.atCloud(id)).toMatchObject({ quota: resources, machines: { "web-1": 2 } });
      expect(await look.claimsOf(id)).toEqual(resources);
      await story.submit({ kind: "release", tenancyId: id, dataExport: "done" });
      await survive("retire", id, step);
      expect(await look.marked(id)).toEqual([]);
      expect(await look.statusOf(id)).toBe("closed");
      expect(await look.operationOf(id)).toMatchObject({ kind: "retire", status: "succeeded" });
      expect(await look.placementRow(id)).toMatchObject({ wipe_receipt: { volumesWiped: 2 } });
      if (Object.values(died).join() === Object.values(before).join()) break;
    }
    // Each phase has calls and transactions enough that dying at each of them says something.
    expect(Math.min(...Object.values(died))).toBeGreaterThan(8);
    expect(Math.max(...Object.values(died))).toBeLessThan(99);
  });
});

describe("a cloud that misbehaves", () => {
  const fault = (kind: Record<string, unknown>, match: Record<string, unknown>, count = 1) =>
    story.admin("POST", "/faults", { fault: kind, match, count });

  const intentsOf = async (id: string) =>
    story.rows(sql`SELECT step, attempts, client_token FROM intents
                    WHERE placement_id = ${(await look.placementRow(id)).id} ORDER BY id`);

  it("may lose its reply: the next look finds what was made, and nothing is made twice", async () => {
    const id = await story.grant();
    await fault({ kind: "lost-reply" }, { method: "POST", pathPrefix: "/tenancies" }, 2);
    for (let run = 0; run < 2; run += 1) {
      await expect(story.reconcile(id)).rejects.toMatchObject({ kind: "Unavailable" });
      expect(await look.operationOf(id)).toMatchObject({
        status: "running",
        error: { code: "provider.Unavailable", transient: true },
      });
    }
    await story.reconcile(id);
    expect((await intentsOf(id)).map(({ attempts }) => attempts)).toEqual([1, 1]);
    expect(await look.marked(id)).toHaveLength(1);
    expect((await look.atCloud(id)).machines).toEqual({ "app-1": 2 });
    expect(await look.operationOf(id)).toMatchObject({ status: "succeeded", error: null });
  });

  it("may throttle: the same call is made again later, with the same token", async () => {
    const id = await story.grant();
    await fault({ kind: "status", status: 429, retryAfterSeconds: 1 }, { method: "POST" });
    await expect(story.reconcile(id)).rejects.toMatchObject({ kind: "Throttled" });
    expect(await look.operationOf(id)).toMatchObject({ status: "running", error: { transient: true } });
    const [first] = await intentsOf(id);
    await story.reconcile(id);
    expect(await look.statusOf(id)).toBe("trial");
    // The same call with the same token, and no second intent beside it.
    expect(await intentsOf(id)).toMatchObject([{ ...first, attempts: 2 }, { attempts: 1 }]);
  });

  it("may deny: the operation has failed until a person has it retried", async () => {
    const id = await story.grant();
    await fault({ kind: "status", status: 403 }, { method: "POST" });
    await story.reconcile(id);
    expect(await look.statusOf(id)).toBe("provisioning");
    expect(await look.operationOf(id)).toMatchObject({
      status: "failed",
      error: { code: "provider.Denied", transient: false, messageZh: expect.stringContaining("拒绝") },
      steps: [
        { name: "primary:tenancy", status: "failed" },
        { name: "primary:instances:app", status: "pending" },
      ],
    });
    const { id: operationId } = await look.operationOf(id);
    expect(await look.auditOf(String(operationId))).toEqual(["operation.failed"]);
    expect(await story.app.db.withTx((tx) => unconvergedTenancies(tx, 1000))).not.toContain(id);
    await story.reconcile(id);
    expect(await look.operationOf(id)).toMatchObject({
      status: "succeeded",
      error: null,
      steps: [{ status: "done" }, { status: "done" }],
    });
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
    const id = await story.inTrial({ instances: instances({ name: "app", count: 2 }) });
    await fault({ kind: "partial-list" }, {}, 1);
    await expect(story.reconcile(id)).rejects.toBeInstanceOf(ProviderFault);
    expect(await look.auditOf(id)).not.toContain("tenancy.drifted");
  });
});

describe("what changes behind our back", () => {
  it("is repaired where the quota was changed, and put on record", async () => {
    const id = await story.inTrial();
    await story.admin("PATCH", `/tenancies/${await look.nameOf(id)}`, {
      quota: { VCPU: 999, MEMORY_GIB: 8, BLOCK_STORAGE_GIB: 100 },
    });
    await story.reconcile(id);
    expect((await look.atCloud(id)).quota).toEqual(SMALL.resources);
    const operation = await look.operationOf(id);
    expect(operation).toMatchObject({ kind: "repair", status: "succeeded", progress: 100, request_id: null });
    expect((await look.auditOf(id)).slice(-2)).toEqual(["tenancy.drifted", "tenancy.repaired"]);
    const entry = await story.one(
      sql`SELECT reason, after FROM audit_entries WHERE target_id = ${id} AND action = 'tenancy.drifted'`,
    );
    expect(entry).toEqual({
      reason: "drift",
      after: { operationId: operation.id, steps: ["ensure-tenancy tenancy"] },
    });
  });

  it("is shown as a failed operation where no repair helps, once, until somebody has mended it", async () => {
    const id = await story.inTrial();
    const machine = `/tenancies/${await look.nameOf(id)}/instances/app-1`;
    await story.admin("PATCH", machine, { failure: "disk broken" });
    // The cloud says yes a hundred times: a person has to look.
    for (let run = 0; run < 3; run += 1) await story.reconcile(id);
    const failed = await look.operationOf(id);
    expect(failed).toMatchObject({
      kind: "repair",
      status: "failed",
      error: { code: "provider.Conflict", messageZh: expect.stringContaining("人工"), transient: false },
    });
    expect(await look.auditOf(String(failed.id))).toEqual(["operation.failed"]);
    expect(await look.auditOf(id)).not.toContain("tenancy.repaired");
    expect(await story.app.db.withTx((tx) => unconvergedTenancies(tx, 1000))).not.toContain(id);
    await story.admin("PATCH", machine, { failure: null });
    await story.reconcile(id);
    expect(await look.operationOf(id)).toMatchObject({ id: failed.id, status: "succeeded", error: null });
    expect(await look.auditOf(id)).toContain("tenancy.repaired");
  });

  it("is on record once where somebody else took our name, however often it is looked at", async () => {
    const id = await story.inTrial();
    const name = await look.nameOf(id);
    const { pool_id } = await look.placementRow(id);
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.admin("POST", "/tenancies", { name, pool: pool_id, quota: { VCPU: 1 } });
    for (let run = 0; run < 3; run += 1) await story.reconcile(id);
    const failed = await look.operationOf(id);
    expect(failed).toMatchObject({ kind: "repair", status: "failed", error: { code: "provider.Conflict" } });
    expect(await look.auditOf(String(failed.id))).toEqual(["operation.failed"]);
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.reconcile(id);
    expect(await look.operationOf(id)).toMatchObject({ id: failed.id, status: "succeeded" });
  });

  it("is repaired where its network was opened", async () => {
    const id = await story.inTrial();
    await story.admin("PATCH", `/tenancies/${await look.nameOf(id)}`, { ingress: "allow" });
    await story.reconcile(id);
    expect(await look.atCloud(id)).toMatchObject({ isolated: true });
  });

  it("is repaired where a machine was taken away or grew", async () => {
    const id = await story.inTrial({ instances: instances({ name: "app" }, { name: "db" }) });
    const name = await look.nameOf(id);
    await story.admin("DELETE", `/tenancies/${name}/instances/app-1`);
    await story.admin("PATCH", `/tenancies/${name}/instances/db-1`, { vcpu: 4 });
    await story.reconcile(id);
    expect((await look.atCloud(id)).machines).toEqual({ "app-1": 2, "db-1": 2 });
    expect(await look.statusOf(id)).toBe("trial");
  });

  it("is built again where the whole tenancy vanished", async () => {
    const id = await story.inTrial();
    await story.admin("DELETE", `/tenancies/${await look.nameOf(id)}`);
    await story.reconcile(id);
    expect(await look.atCloud(id)).toMatchObject({
      state: "active",
      quota: SMALL.resources,
      machines: { "app-1": 2 },
    });
  });

  it("does not hinder a release", async () => {
    const id = await story.inTrial();
    await story.admin("DELETE", `/tenancies/${await look.nameOf(id)}`);
    await story.change({ kind: "release", tenancyId: id, dataExport: "done" });
    expect(await look.statusOf(id)).toBe("closed");
  });

  it("is a conflict where somebody else has our name, and is never touched", async () => {
    const id = await story.grant();
    const name = await look.nameOf(id);
    const { pool_id } = await look.placementRow(id);
    await story.admin("POST", "/tenancies", { name, pool: pool_id, quota: { VCPU: 1 } });
    const before = await story.provider.getTenancy(name);
    await story.reconcile(id);
    expect(await look.operationOf(id)).toMatchObject({
      status: "failed",
      error: { code: "provider.Conflict" },
    });
    await story.change({ kind: "release", tenancyId: id, dataExport: "not_needed" });
    expect(await story.provider.getTenancy(name)).toEqual(before);
    expect(await look.operationOf(id)).toMatchObject({
      status: "failed",
      error: { code: "provider.Conflict" },
    });
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.reconcile(id);
    expect(await look.statusOf(id)).toBe("closed");
  });

  it("is a conflict where another installation made the same placement", async () => {
    const id = await story.inTrial();
    const name = await look.nameOf(id);
    const { pool_id } = await look.placementRow(id);
    const { ownership } = await story.provider.getTenancy(name);
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.admin("POST", "/tenancies", {
      name,
      pool: pool_id,
      ownership: { ...ownership, installation: "rehearsal" },
    });
    await story.change({ kind: "release", tenancyId: id, dataExport: "done" });
    expect(await story.provider.getTenancy(name)).toMatchObject({ ownership: { installation: "rehearsal" } });
    expect(await look.statusOf(id)).toBe("exported");
    await story.admin("DELETE", `/tenancies/${name}`);
    await story.reconcile(id);
  });
});
