import type { PoolDeclaration } from "../../emulation/kind.ts";
import type { Quantities } from "./records.ts";
import { Refusal } from "./refusal.ts";
import type { CloudState } from "./state.ts";

interface Size {
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly diskGiB: number;
}

/** What an instance of this size takes from a quota and from a pool. */
export function footprint(size: Size): Quantities {
  return { VCPU: size.vcpu, MEMORY_GIB: size.memoryGiB, BLOCK_STORAGE_GIB: size.diskGiB };
}

/** The classes of which `wanted` exceeds `limit`; an absent class of the limit is zero. */
export function excess(wanted: Quantities, limit: Quantities): string[] {
  return Object.entries(wanted)
    .filter(([resourceClass, amount]) => amount > (limit[resourceClass] ?? 0))
    .map(([resourceClass, amount]) => `${resourceClass} ${amount} of ${limit[resourceClass] ?? 0}`);
}

/** Instances hold their share until they are gone, as a hypervisor does. */
export function usedByTenancy(cloud: CloudState, tenancy: string): Quantities {
  const used = { vcpu: 0, memoryGiB: 0, diskGiB: 0 };
  for (const instance of cloud.instances.get(tenancy)?.values() ?? []) {
    used.vcpu += instance.vcpu;
    used.memoryGiB += instance.memoryGiB;
    used.diskGiB += instance.diskGiB;
  }
  return footprint(used);
}

export function usedInPool(cloud: CloudState, pool: string): Quantities {
  return footprint(cloud.held.get(pool) ?? { vcpu: 0, memoryGiB: 0, diskGiB: 0 });
}

/** Physical totals after overcommitment, rounded down. */
export function capacityOf(pool: PoolDeclaration): Quantities {
  return Object.fromEntries(
    Object.entries(pool.total).map(([resourceClass, amount]) => [
      resourceClass,
      Math.floor(amount * (pool.allocationRatio[resourceClass] ?? 1)),
    ]),
  );
}

export function poolOf(cloud: CloudState, name: string): PoolDeclaration {
  const pool = cloud.record.pools.find((candidate) => candidate.name === name);
  if (pool === undefined) throw new Refusal(422, "unknown_pool", `no pool ${name}`);
  return pool;
}

/** A quota is a limit and not a reservation, but no pool promises more than it could ever give. */
export function admitQuota(cloud: CloudState, pool: string, quota: Quantities): void {
  const beyond = excess(quota, capacityOf(poolOf(cloud, pool)));
  if (beyond.length > 0) throw new Refusal(507, "capacity", `pool ${pool} cannot give ${beyond.join(", ")}`);
}

/** Refuses growth beyond the tenancy's quota, then beyond the pool; shrinking always passes. */
export function admitGrowth(
  cloud: CloudState,
  tenancy: { readonly name: string; readonly pool: string; readonly quota: Quantities },
  wanted: Quantities,
  freed: Quantities,
): void {
  const growing = Object.entries(wanted).filter(([name, amount]) => amount > (freed[name] ?? 0));
  const after = (used: Quantities): Quantities =>
    Object.fromEntries(
      growing.map(([name, amount]) => [name, (used[name] ?? 0) + amount - (freed[name] ?? 0)]),
    );
  const overQuota = excess(after(usedByTenancy(cloud, tenancy.name)), tenancy.quota);
  if (overQuota.length > 0) {
    throw new Refusal(403, "quota_exceeded", `quota of ${tenancy.name} exceeded: ${overQuota.join(", ")}`);
  }
  const overPool = excess(after(usedInPool(cloud, tenancy.pool)), capacityOf(poolOf(cloud, tenancy.pool)));
  if (overPool.length > 0) {
    throw new Refusal(507, "capacity", `pool ${tenancy.pool} is full: ${overPool.join(", ")}`);
  }
}
