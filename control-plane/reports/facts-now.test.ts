import { expect, it } from "vitest";
import { type CloudId, knownId, type PoolId } from "../kernel/ids.ts";
import type { SnapshotCloud, SnapshotPool } from "../placement/snapshot.ts";
import { DEFAULT_FACTS } from "../policy/default-facts.ts";
import { factsNow, topologyOf } from "./facts-now.ts";

function cloud(id: string, jurisdiction: string): SnapshotCloud {
  const facts = { ...DEFAULT_FACTS.cloud, id, jurisdiction, mlpsLevel: 3 };
  const name = { zh: id, en: id };
  return { id: knownId<CloudId>(id), name, status: "active", stale: false, facts, quotaChain: null };
}

function pool(id: string, cloudId: string, zone: "internet" | "extranet"): SnapshotPool {
  const { reservePercent: _, ...facts } = { ...DEFAULT_FACTS.pool, id, zone };
  const figures = { allocationRatioMilli: 1000, minUnit: 1, maxUnit: 100, stepSize: 1, used: 0, held: 0 };
  return {
    id: knownId<PoolId>(id),
    cloudId: knownId<CloudId>(cloudId),
    name: { zh: id, en: id },
    status: "active",
    faultDomain: "",
    facts,
    inventories: {
      VCPU: { total: 100, reserved: 25, ...figures },
      PUBLIC_IPV4: { total: 100, reserved: 5, ...figures },
    },
  };
}

const topology = topologyOf({
  clouds: [cloud("a", "440100"), cloud("b", "440300")],
  pools: [
    pool("a-extranet", "a", "extranet"),
    pool("a-internet", "a", "internet"),
    pool("b-extranet", "b", "extranet"),
  ],
  jurisdictions: new Map([
    ["440100", { latitude: 23.13, longitude: 113.26 }],
    ["440300", { latitude: 22.54, longitude: 114.06 }],
  ]),
});
const primary = { role: "primary", cloudId: "a", poolId: "a-extranet", amounts: { VCPU: 8 } } as const;
const edge = { role: "edge", cloudId: "a", poolId: "a-internet", amounts: { PUBLIC_IPV4: 2 } } as const;
const copy = {
  role: "recovery",
  cloudId: "b",
  poolId: "b-extranet",
  amounts: { BLOCK_STORAGE_GIB: 9 },
} as const;
const granted = { ...DEFAULT_FACTS.request, kind: "resize" as const };
const { organization } = DEFAULT_FACTS;
const tenancyId = "ten_1";

it("judges each part by what it holds itself, as a new request, in the pool as it is now", () => {
  const tenancy = { tenancyId, granted, organization, system: null, parts: [primary, edge] };
  const inside = factsNow(topology, "2026-11-20", tenancy, primary);
  expect(inside).toMatchObject({
    today: "2026-11-20",
    request: { kind: "create" },
    fit: { capacity: true, quota: true },
  });
  expect(inside.request.resources).toMatchObject({ VCPU: 8, PUBLIC_IPV4: 0, MEMORY_GIB: 0 });
  expect(inside.pool).toMatchObject({ zone: "extranet", reservePercent: 25 });
  expect(inside.recovery.cloudId).toBe("");
  const outside = factsNow(topology, "2026-11-20", tenancy, edge);
  expect(outside.request.resources).toMatchObject({ VCPU: 0, PUBLIC_IPV4: 2 });
  expect(outside.pool).toMatchObject({ zone: "internet", reservePercent: 5 });
  expect(granted.resources.VCPU).toBe(64);
});

it("knows where the copy lies and how far that is", () => {
  const tenancy = { tenancyId, granted, organization, system: null, parts: [primary, copy] };
  const { recovery } = factsNow(topology, "2026-11-20", tenancy, primary);
  expect(recovery).toMatchObject({
    cloudId: "b",
    poolId: "b-extranet",
    jurisdiction: "440300",
    mlpsLevel: 3,
  });
  expect(recovery.distanceKm).toBeGreaterThan(90);
  expect(recovery.distanceKm).toBeLessThan(120);
});

it("takes the level that the system is registered with now", () => {
  const system = { mlpsLevel: 4, dataClass: "core" as const };
  const tenancy = { tenancyId, granted, organization, system, parts: [primary] };
  expect(factsNow(topology, "2026-11-20", tenancy, primary).request.system).toMatchObject({
    ...system,
    name: granted.system.name,
  });
});
