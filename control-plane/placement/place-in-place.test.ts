import { describe, expect, it } from "vitest";
import { type CloudId, knownId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { type ExistingPart, placeInPlace } from "./place-in-place.ts";
import { DEFAULT_PREFERENCES } from "./preferences.ts";
import {
  inventoriesOf,
  limitsOf,
  permissive,
  type RequestInput,
  requestOf,
  snapshotOf,
  type WorldInput,
} from "./snapshot.fixture.ts";

const existing = (amounts: ResourceVector, role: ExistingPart["role"] = "primary", cloud = "gz") => ({
  role,
  cloudId: knownId<CloudId>(cloud),
  poolId: knownId<PoolId>(`${cloud}-1`),
  quotaNodeId: knownId<QuotaNodeId>(`${cloud}/dept`),
  amounts,
});

function resize(
  parts: readonly ExistingPart[],
  resources: ResourceVector,
  world: Partial<WorldInput> = {},
  request: RequestInput = {},
  judge = permissive,
) {
  const inventories = inventoriesOf({ VCPU: { total: 100, reserved: 0, used: 90, stepSize: 2 } });
  const pools = [
    { id: "gz-1", cloud: "gz", inventories },
    { id: "sz-1", cloud: "sz", inventories: inventoriesOf({ BLOCK_STORAGE_GIB: { used: 795 } }) },
  ];
  const clouds = [{ id: "gz" }, { id: "sz", jurisdiction: "440300" }];
  const snapshot = snapshotOf({ clouds, pools, ...world });
  return placeInPlace(snapshot, requestOf({ ...request, resources }), parts, judge, DEFAULT_PREFERENCES);
}

describe("placeInPlace", () => {
  it("checks the difference only", () => {
    const grown = resize([existing({ VCPU: 40 })], { VCPU: 50 });
    expect(grown.candidates[0]?.parts).toMatchObject([{ poolId: "gz-1", amounts: { VCPU: 50 } }]);
    const more = resize([existing({ VCPU: 40 })], { VCPU: 56 });
    expect(more.refusals).toMatchObject([
      { code: "capacity.insufficient", limit: 100, used: 90, missing: 6 },
    ]);
    expect(more.smallestChange?.message.en).toBe("6 VCPU fewer");
  });

  it("always lets a tenancy shrink: on a full pool, over its quota, on a suspended cloud", () => {
    const world = {
      clouds: [{ id: "gz", status: "suspended" }],
      limits: { province: limitsOf({ nominal: 10 }) },
      claimed: { "gz/dept": { VCPU: 90 } },
    } as const;
    expect(resize([existing({ VCPU: 90 })], { VCPU: 80 }, world).candidates).toHaveLength(1);
    expect(resize([existing({ VCPU: 90 })], { VCPU: 90 }, world).candidates).toHaveLength(1);
    const grown = resize([existing({ VCPU: 90 })], { VCPU: 92 }, world);
    expect(grown.refusals.map(({ code }) => code)).toEqual(["cloud.suspended", "quota.exceeded"]);
    expect(grown.smallestChange).toBeNull();
  });

  it("checks steps of what changes, and leaves what is there as it is", () => {
    const odd = existing({ VCPU: 39, MEMORY_GIB: 8 });
    expect(resize([odd], { VCPU: 39, MEMORY_GIB: 16 }).candidates).toHaveLength(1);
    expect(resize([odd], { VCPU: 41 }).refusals).toMatchObject([{ code: "unit.out_of_step" }]);
  });

  it("grows the copy with the original, and offers what both can take", () => {
    const request = { recovery: { class: "remote", pairJurisdiction: "440300" } } as const;
    const parts = [
      existing({ BLOCK_STORAGE_GIB: 100 }),
      existing({ BLOCK_STORAGE_GIB: 100 }, "recovery", "sz"),
    ];
    expect(resize(parts, { BLOCK_STORAGE_GIB: 105 }, {}, request).candidates[0]?.parts).toHaveLength(2);
    const short = resize(parts, { BLOCK_STORAGE_GIB: 120 }, {}, request);
    expect(short.refusals).toMatchObject([{ poolId: "sz-1", role: "recovery", missing: 15 }]);
    expect(short.smallestChange?.message.en).toBe("15 BLOCK_STORAGE_GIB fewer");
  });

  it("cannot add a part, and offers nothing where no growth is left", () => {
    const zones = { zones: ["internet", "extranet"] };
    const edge = resize([existing({ VCPU: 4 })], { VCPU: 4, PUBLIC_IPV4: 1 }, {}, zones);
    expect(edge.refusals).toMatchObject([{ code: "part.not_in_place", role: "edge" }]);
    const full = {
      limits: { "gz/dept": limitsOf({ nominal: 40, borrowingLimit: 0 }) },
      claimed: { "gz/dept": { VCPU: 40 } },
    };
    expect(resize([existing({ VCPU: 40 })], { VCPU: 42 }, full).smallestChange).toBeNull();
  });

  it("honours the policies", () => {
    const denied = [{ policyId: "x", ruleId: "X1", message: { zh: "", en: "" }, actual: 1, required: 2 }];
    const result = resize([existing({ VCPU: 4 })], { VCPU: 2 }, {}, {}, () => ({ denied }));
    expect(result.refusals).toMatchObject([{ code: "policy.denied", ruleId: "X1" }]);
  });

  it("changes the size of an instance only where the cloud can", () => {
    const group = { name: "app", count: 2, vcpu: 2, memoryGiB: 4, diskGiB: 20, image: "kylin" };
    const before = { ...existing({ VCPU: 4 }), instances: [group] };
    const clouds = [{ id: "gz", supports: { instances: true, resize: false } }];
    const codesOf = (changed: Partial<typeof group>, name = "app") =>
      resize(
        [before],
        { VCPU: 8 },
        { clouds },
        { kind: "resize", instances: [{ ...group, ...changed, name }] },
      ).refusals.map(({ code, required }) => `${code} ${required}`);
    expect(codesOf({ vcpu: 4 })).toEqual(["cloud.unsupported resize"]);
    expect(codesOf({ diskGiB: 40 })).toEqual(["cloud.unsupported resize"]);
    // More machines, and machines of another group, are made and not resized.
    expect(codesOf({ count: 3 })).toEqual([]);
    expect(codesOf({ vcpu: 4 }, "web")).toEqual([]);
  });
});
