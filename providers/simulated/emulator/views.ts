import { createHash } from "node:crypto";
import { usedInPool } from "./capacity.ts";
import type { InstanceRecord, TenancyRecord } from "./records.ts";
import type { CloudState } from "./state.ts";

/** The wire form of what the cloud keeps. States follow from the time; nothing moves in the background. */

function stateOf(
  life: Pick<TenancyRecord, "goneAt" | "failure" | "readyAt">,
  now: number,
): "removing" | "error" | "creating" | "active" {
  if (life.goneAt !== null) return "removing";
  if (life.failure !== null) return "error";
  return now < life.readyAt ? "creating" : "active";
}

export function tenancyView(tenancy: TenancyRecord, now: number) {
  const state = stateOf(tenancy, now);
  return {
    id: tenancy.ref,
    name: tenancy.name,
    displayName: tenancy.displayName,
    ownership: tenancy.ownership,
    state: state === "active" && tenancy.suspended ? "suspended" : state,
    suspended: tenancy.suspended,
    pool: tenancy.pool,
    zone: tenancy.zone,
    quota: tenancy.quota,
    accessGroup: tenancy.accessGroup,
    ingress: tenancy.ingress,
    message: tenancy.failure,
    createdAt: new Date(tenancy.createdAt).toISOString(),
  };
}

export function instanceView(instance: InstanceRecord, tenancy: TenancyRecord, now: number) {
  const state = stateOf(instance, now);
  return {
    id: instance.ref,
    tenancyId: tenancy.ref,
    name: instance.name,
    ownership: instance.ownership,
    state: state === "active" && tenancy.suspended ? "stopped" : state,
    vcpu: instance.vcpu,
    memoryGiB: instance.memoryGiB,
    diskGiB: instance.diskGiB,
    image: instance.image,
    architecture: instance.architecture,
    message: instance.failure,
    createdAt: new Date(instance.createdAt).toISOString(),
  };
}

/** Every tenancy has a network of its own, which goes with it. */
export function networkView(tenancy: TenancyRecord) {
  const id = createHash("sha256").update(`network of ${tenancy.ref}`).digest("hex").slice(0, 16);
  return {
    id: `net-${id}`,
    tenancyId: tenancy.ref,
    name: `net-${tenancy.name}`,
    zone: tenancy.zone,
    ingress: tenancy.ingress,
  };
}

export function poolViews(cloud: CloudState) {
  return cloud.record.pools.map((pool) => ({
    name: pool.name,
    architecture: pool.architecture,
    total: pool.total,
    allocationRatio: pool.allocationRatio,
    used: usedInPool(cloud, pool.name),
  }));
}
