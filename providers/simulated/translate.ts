import { z } from "zod";
import type {
  InstanceSpec,
  ObservedInstance,
  ObservedTenancy,
  Ownership,
  PoolCapacity,
  ProviderNetwork,
  ProviderQuantities,
  TenancySpec,
} from "../port.ts";

/** The cloud's answers as far as the port needs them; fields beyond these are let pass. */

const WireQuantities = z.record(z.string(), z.number().int());

const WireOwnership = z.object({
  installation: z.string(),
  tenancyId: z.string(),
  placementId: z.string(),
  organizationId: z.string(),
});

export const WireTenancy = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  displayName: z.string(),
  ownership: WireOwnership.nullable(),
  state: z.enum(["creating", "active", "suspended", "removing", "error"]),
  suspended: z.boolean(),
  pool: z.string(),
  zone: z.enum(["internet", "extranet", "dedicated"]),
  quota: WireQuantities,
  accessGroup: z.string().nullable(),
  ingress: z.enum(["deny", "allow"]),
  message: z.string().nullable(),
});
export type WireTenancy = z.infer<typeof WireTenancy>;

export const WireInstance = z.object({
  id: z.string().min(1),
  tenancyId: z.string().min(1),
  name: z.string().min(1),
  ownership: WireOwnership.nullable(),
  state: z.enum(["creating", "active", "stopped", "removing", "error"]),
  vcpu: z.number().int(),
  memoryGiB: z.number().int(),
  diskGiB: z.number().int(),
  image: z.string(),
  message: z.string().nullable(),
});
export type WireInstance = z.infer<typeof WireInstance>;

export const WireVersion = z.object({ version: z.string() });
export const WireUsage = z.object({ used: WireQuantities });
export const WireImages = z.object({
  images: z.array(z.object({ ref: z.string(), name: z.string(), architecture: z.string() })),
});
export const WirePools = z.object({
  pools: z.array(
    z.object({
      name: z.string(),
      architecture: z.string().nullable(),
      total: WireQuantities,
      allocationRatio: z.record(z.string(), z.number().positive()),
      used: WireQuantities,
    }),
  ),
});
export const WireNetworks = z.object({
  networks: z.array(
    z.object({
      id: z.string(),
      tenancyId: z.string(),
      name: z.string(),
      ingress: z.enum(["deny", "allow"]),
    }),
  ),
});
export const WireReceipt = z.object({
  tenancy: z.string(),
  volumesWiped: z.number().int(),
  wipedAt: z.iso.datetime(),
});

export function wirePage<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable(), partial: z.boolean() });
}

export function toTenancy(wire: WireTenancy): ObservedTenancy {
  return {
    ref: wire.id,
    name: wire.name,
    ownership: wire.ownership,
    state: wire.state,
    displayName: wire.displayName,
    pool: wire.pool,
    zone: wire.zone,
    quota: wire.quota,
    accessGroup: wire.accessGroup,
    isolated: wire.ingress === "deny",
    message: wire.message,
  };
}

export function toPool(wire: z.infer<typeof WirePools>["pools"][number]): PoolCapacity {
  return {
    pool: wire.name,
    total: wire.total,
    reserved: {},
    allocationRatio: wire.allocationRatio,
    used: wire.used,
    architectures: wire.architecture === null ? [] : [wire.architecture],
    traits: [],
  };
}

export function toInstance(wire: WireInstance): ObservedInstance {
  return {
    ref: wire.id,
    tenancyRef: wire.tenancyId,
    name: wire.name,
    ownership: wire.ownership,
    state: wire.state,
    vcpu: wire.vcpu,
    memoryGiB: wire.memoryGiB,
    diskGiB: wire.diskGiB,
    image: wire.image,
    message: wire.message,
  };
}

export function toNetwork(wire: z.infer<typeof WireNetworks>["networks"][number]): ProviderNetwork {
  return {
    ref: wire.id,
    tenancyRef: wire.tenancyId,
    name: wire.name,
    isolated: wire.ingress === "deny",
  };
}

export function fromTenancy(spec: TenancySpec) {
  return {
    name: spec.name,
    displayName: spec.displayName,
    ownership: spec.ownership,
    pool: spec.pool,
    zone: spec.zone,
    quota: spec.quota,
    accessGroup: spec.accessGroup,
    suspended: spec.suspended,
  };
}

export function fromInstance(spec: InstanceSpec) {
  return {
    name: spec.name,
    ownership: spec.ownership,
    vcpu: spec.vcpu,
    memoryGiB: spec.memoryGiB,
    diskGiB: spec.diskGiB,
    image: spec.image,
    architecture: spec.architecture,
  };
}

export interface WireTenancyPatch {
  displayName?: string;
  quota?: ProviderQuantities;
  accessGroup?: string;
  ingress?: "deny";
  suspended?: boolean;
}

/** What has to change at the cloud to meet the spec; null when nothing. */
export function tenancyPatch(wire: WireTenancy, spec: TenancySpec): WireTenancyPatch | null {
  const patch: WireTenancyPatch = {
    ...(wire.displayName === spec.displayName ? {} : { displayName: spec.displayName }),
    ...(sameQuantities(wire.quota, spec.quota) ? {} : { quota: spec.quota }),
    ...(wire.accessGroup === spec.accessGroup ? {} : { accessGroup: spec.accessGroup }),
    ...(wire.ingress === "deny" ? {} : { ingress: "deny" }),
    ...(wire.suspended === spec.suspended ? {} : { suspended: spec.suspended }),
  };
  return Object.keys(patch).length === 0 ? null : patch;
}

export function sameSize(wire: WireInstance, spec: InstanceSpec): boolean {
  return wire.vcpu === spec.vcpu && wire.memoryGiB === spec.memoryGiB && wire.diskGiB === spec.diskGiB;
}

/** The organization is left out: a tenancy may change hands inside the province and stays the same object. */
export function sameOwner(left: Ownership | null, right: Ownership): boolean {
  return (
    left !== null &&
    left.installation === right.installation &&
    left.tenancyId === right.tenancyId &&
    left.placementId === right.placementId
  );
}

/** An absent class is zero. */
function sameQuantities(left: ProviderQuantities, right: ProviderQuantities): boolean {
  return [...Object.keys(left), ...Object.keys(right)].every(
    (name) => (left[name] ?? 0) === (right[name] ?? 0),
  );
}
