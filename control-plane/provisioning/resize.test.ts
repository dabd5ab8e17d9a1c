import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { knownId, type TenancyId } from "../kernel/ids.ts";
import { withdrawRequest } from "../requests/withdraw.ts";
import { resumeTenancy } from "../tenancies/resume.ts";
import { suspendTenancy } from "../tenancies/suspend.ts";
import { perform } from "../verb.ts";
import { lookAt } from "./look.fixture.ts";
import { instances, openStory, SMALL, type Story } from "./provisioning.fixture.ts";
import { settle } from "./settle.ts";

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

describe("a change of size", () => {
  it("claims growth at once and has the cloud follow", async () => {
    const id = await story.inTrial();
    const asked = await story.submit({
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 8, MEMORY_GIB: 16, BLOCK_STORAGE_GIB: 200 },
      instances: instances({ name: "app", count: 3 }),
    });
    expect(asked.status).toBe("provisioning");
    expect(await look.claimsOf(id)).toMatchObject({ VCPU: 8 });
    expect(await look.statusOf(id)).toBe("changing");
    await story.reconcile(id);
    expect(await look.atCloud(id)).toMatchObject({
      quota: { VCPU: 8 },
      machines: { "app-1": 2, "app-2": 2, "app-3": 2 },
    });
    expect(await look.statusOf(id)).toBe("trial");
    expect(await story.one(sql`SELECT status FROM tenancy_requests WHERE id = ${asked.id}`)).toEqual({
      status: "closed",
    });
  });

  it("returns claims only after the cloud has let go", async () => {
    const id = await story.inTrial();
    await story.submit({
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 },
    });
    await settle(story.app, knownId<TenancyId>(id));
    expect(await look.claimsOf(id)).toEqual(SMALL.resources);
    await story.admin("POST", "/faults", {
      fault: { kind: "status", status: 503 },
      match: { method: "PATCH" },
      count: 1,
    });
    await expect(story.reconcile(id)).rejects.toMatchObject({ kind: "Unavailable" });
    expect(await look.claimsOf(id)).toEqual(SMALL.resources);
    await story.reconcile(id);
    expect(await look.claimsOf(id)).toEqual({ VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 });
    expect((await look.atCloud(id)).quota).toEqual({ VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 });
  });

  it("replaces machines within the same quota", async () => {
    const id = await story.inTrial({ resources: { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 } });
    await story.change({
      kind: "resize",
      tenancyId: id,
      resources: { VCPU: 2, MEMORY_GIB: 4, BLOCK_STORAGE_GIB: 20 },
      instances: instances({ name: "web" }),
    });
    expect(await look.atCloud(id)).toMatchObject({ machines: { "web-1": 2 } });
    expect(await look.statusOf(id)).toBe("trial");
  });

  it("shifts size between machines within the same quota", async () => {
    const pair = (a: number, b: number) =>
      instances({ name: "a", vcpu: a, memoryGiB: b }, { name: "b", vcpu: b, memoryGiB: a });
    const resources = { VCPU: 6, MEMORY_GIB: 6, BLOCK_STORAGE_GIB: 40 };
    const id = await story.inTrial({ resources, instances: pair(2, 4) });
    await story.change({ kind: "resize", tenancyId: id, resources, instances: pair(4, 2) });
    expect(await look.atCloud(id)).toMatchObject({ machines: { "a-1": 4, "b-1": 2 } });
  });

  it("keeps on whose word it was approved", async () => {
    const id = await story.inTrial();
    const changed = await story.change({
      kind: "resize",
      tenancyId: id,
      resources: { ...SMALL.resources, VCPU: 24 },
    });
    expect(changed.approvals).toHaveLength(1);
    expect((await look.tenancyRow(id)).granted).toMatchObject({
      requestId: changed.id,
      planHash: changed.planHash,
      approvedBy: [story.approver.actor.accountId],
    });
  });

  it("is refused where the machines that stay would not fit", async () => {
    const id = await story.inTrial();
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
    const id = await story.inTrial();
    const other = {
      kind: "resize",
      tenancyId: id,
      resources: SMALL.resources,
      instances: instances({ name: "app", image: "anolis-8" }),
    };
    await expect(story.submit(other)).rejects.toMatchObject({ code: "http.invalid_input" });
  });

  it("is refused while another is under way", async () => {
    const id = await story.inTrial();
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
    const edge = await look.nameOf(tenancyId, "edge");
    expect(await story.provider.getTenancy(edge)).toMatchObject({ quota: { PUBLIC_IPV4: 1 } });
    await story.change({ kind: "resize", tenancyId, resources: SMALL.resources });
    await expect(story.provider.getTenancy(edge)).rejects.toMatchObject({ kind: "NotFound" });
    expect(await look.claimsOf(tenancyId)).toEqual(SMALL.resources);
    await story.change({ kind: "release", tenancyId, dataExport: "done" });
    expect(await look.statusOf(tenancyId)).toBe("closed");
  });

  it("does not start what was suspended", async () => {
    const id = await story.inTrial();
    await perform(story.app, story.operator, suspendTenancy, { id, reason: "欠费" });
    await story.reconcile(id);
    expect(await look.atCloud(id)).toMatchObject({ state: "suspended" });
    await story.change({ kind: "resize", tenancyId: id, resources: { ...SMALL.resources, VCPU: 6 } });
    expect(await look.atCloud(id)).toMatchObject({ state: "suspended", quota: { VCPU: 6 } });
    expect(await look.statusOf(id)).toBe("suspended");
    await perform(story.app, story.operator, resumeTenancy, { id });
    await story.reconcile(id);
    expect(await look.atCloud(id)).toMatchObject({ state: "active" });
    expect(await look.statusOf(id)).toBe("trial");
  });
});
