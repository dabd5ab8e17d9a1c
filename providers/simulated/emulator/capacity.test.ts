import { describe, expect, test } from "vitest";
import { admitGrowth, admitQuota, capacityOf, usedInPool } from "./capacity.ts";
import { CloudDeclaration, declareCloud } from "./declare-cloud.ts";
import { createInstance, resizeInstance } from "./instances.ts";
import { Refusal } from "./refusal.ts";
import { type Scene, seededChance } from "./scene.ts";
import { openStore } from "./store.ts";
import { changeTenancy, createTenancy } from "./tenancies.ts";

const OWNER = { installation: "gd", tenancyId: "ten", placementId: "plc", organizationId: "org" };
const POOL = { name: "ext", total: { VCPU: 10, MEMORY_GIB: 100, BLOCK_STORAGE_GIB: 100 } };
const QUOTA = { VCPU: 8, MEMORY_GIB: 50, BLOCK_STORAGE_GIB: 50 };
const SIZE = { vcpu: 4, memoryGiB: 8, diskGiB: 10 };

function bench(pool: object = POOL) {
  const store = openStore(null, { now: () => new Date(0) });
  store.commit(declareCloud("c", CloudDeclaration.parse({ pools: [pool] }), undefined));
  const scene = (): Scene => {
    const cloud = store.cloud("c");
    if (cloud === undefined) throw new Error("no cloud");
    return { id: "c", cloud, now: 0, chance: seededChance("s", { min: 1, max: 1 }) };
  };
  const tenancy = (name: string, quota: Record<string, number> = QUOTA) => {
    const rest = { displayName: name, ownership: OWNER, zone: "extranet" as const, accessGroup: "g" };
    const input = { name, pool: "ext", quota, suspended: false, ...rest };
    store.commit(createTenancy(scene(), input, name).changes);
  };
  const instance = (owner: string, name: string, size = SIZE) => {
    const image = { image: "anolis-8", architecture: "hygon", ownership: OWNER };
    store.commit(createInstance(scene(), owner, { name, ...image, ...size }, name).changes);
  };
  return { store, scene, tenancy, instance };
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return "ok";
}

describe("the quota of a tenancy", () => {
  test("cannot promise more than the pool could ever give", () => {
    const { tenancy, scene } = bench();
    expect(codeOf(() => tenancy("t", { VCPU: 11 }))).toBe("capacity");
    expect(codeOf(() => tenancy("t", { GPU: 1 }))).toBe("capacity");
    tenancy("t");
    expect(codeOf(() => admitQuota(scene().cloud, "ext", { VCPU: 10 }))).toBe("ok");
    expect(codeOf(() => changeTenancy(scene(), "t", { quota: { VCPU: 11 } }))).toBe("capacity");
  });

  test("limits instances in every class, an absent class being zero", () => {
    const { tenancy, instance } = bench();
    tenancy("t", { VCPU: 8, MEMORY_GIB: 50 });
    expect(codeOf(() => instance("t", "a"))).toBe("quota_exceeded");
    expect(codeOf(() => instance("t", "a", { ...SIZE, diskGiB: 0 }))).toBe("ok");
  });

  test("cannot be lowered below what is in use", () => {
    const { tenancy, instance, scene } = bench();
    tenancy("t");
    instance("t", "a");
    expect(codeOf(() => changeTenancy(scene(), "t", { quota: { ...QUOTA, VCPU: 3 } }))).toBe("quota_in_use");
    expect(codeOf(() => changeTenancy(scene(), "t", { quota: { ...QUOTA, VCPU: 4 } }))).toBe("ok");
  });
});

describe("a pool", () => {
  test("is shared: what one tenancy holds, another cannot have", () => {
    const { tenancy, instance, scene } = bench();
    tenancy("t1");
    tenancy("t2");
    instance("t1", "a");
    instance("t1", "b");
    expect(codeOf(() => instance("t2", "a", { ...SIZE, vcpu: 3 }))).toBe("capacity");
    instance("t2", "a", { ...SIZE, vcpu: 2 });
    expect(usedInPool(scene().cloud, "ext")).toEqual({ VCPU: 10, MEMORY_GIB: 24, BLOCK_STORAGE_GIB: 30 });
  });

  test("gives more than it has where overcommitment is allowed, rounded down", () => {
    const ratio = { ...POOL, allocationRatio: { VCPU: 1.55 } };
    const { scene } = bench(ratio);
    expect(capacityOf({ ...ratio, architecture: null })).toEqual({ ...POOL.total, VCPU: 15 });
    expect(codeOf(() => admitQuota(scene().cloud, "ext", { VCPU: 15 }))).toBe("ok");
    expect(codeOf(() => admitQuota(scene().cloud, "ext", { VCPU: 16 }))).toBe("capacity");
  });

  test("of another architecture does not run the image", () => {
    const { tenancy, instance } = bench({ ...POOL, architecture: "kunpeng" });
    tenancy("t");
    expect(codeOf(() => instance("t", "a"))).toBe("wrong_architecture");
  });
});

test("a resize counts the difference, and shrinking passes even beyond a limit", () => {
  const { tenancy, instance, scene } = bench();
  tenancy("t");
  instance("t", "a");
  const resize = (vcpu: number) => codeOf(() => resizeInstance(scene(), "t", "a", { ...SIZE, vcpu }));
  expect(resize(8)).toBe("ok");
  expect(resize(9)).toBe("quota_exceeded");
  const narrow = { name: "t", pool: "ext", quota: { VCPU: 1 } };
  expect(codeOf(() => admitGrowth(scene().cloud, narrow, { VCPU: 3 }, { VCPU: 4 }))).toBe("ok");
});

test("a client token makes one object and no other", () => {
  const { scene, tenancy, store } = bench();
  tenancy("t");
  const rest = { displayName: "x", ownership: OWNER, zone: "extranet" as const, accessGroup: "g" };
  const input = { name: "t", pool: "ext", quota: QUOTA, suspended: false, ...rest };
  const again = createTenancy(scene(), input, "t");
  expect(again).toMatchObject({ changes: [], created: false, value: { name: "t" } });
  expect(codeOf(() => createTenancy(scene(), input, "another"))).toBe("name_taken");
  expect(codeOf(() => createTenancy(scene(), { ...input, name: "u" }, "t"))).toBe("token_reused");
  expect(store.cloud("c")?.tenancies.size).toBe(1);
});
