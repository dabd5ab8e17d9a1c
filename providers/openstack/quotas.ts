import { z } from "zod";
import type { ProviderQuantities } from "../port.ts";
import { type Client, NOTHING } from "./client.ts";
import { ignoringNotFound } from "./gone.ts";
import { fromLimit, gibUp, memoryFromLimit, memoryLimit, toLimit } from "./translate.ts";

/** Quotas of a project, in the classes for which this cloud has one: more services, more classes. */
export interface QuotaScope {
  readonly volumes: boolean;
  readonly floatingIps: boolean;
}

const WireComputeQuota = z.object({
  quota_set: z.object({ cores: z.int(), ram: z.int(), instances: z.int() }),
});
const WireVolumeQuota = z.object({ quota_set: z.object({ gigabytes: z.int() }) });
const WireNetworkQuota = z.object({
  quota: z.object({ floatingip: z.int().optional(), rbac_policy: z.int().optional() }),
});

export function enforcedClasses({ volumes, floatingIps }: QuotaScope): string[] {
  return [
    "VCPU",
    "MEMORY_GIB",
    ...(volumes ? ["BLOCK_STORAGE_GIB"] : []),
    ...(floatingIps ? ["PUBLIC_IPV4"] : []),
  ];
}

/** The rest of the quota, which only the project's tags can remember. */
export function rememberedPart(quota: ProviderQuantities, scope: QuotaScope): ProviderQuantities {
  const enforced = enforcedClasses(scope);
  return Object.fromEntries(
    Object.entries(quota).filter(([name, amount]) => amount !== 0 && !enforced.includes(name)),
  );
}

export async function readQuota(
  client: Client,
  projectId: string,
  scope: QuotaScope,
): Promise<ProviderQuantities> {
  const path = ["os-quota-sets", projectId];
  const [compute, volumes, network] = await Promise.all([
    client.call({ service: "compute", path }, WireComputeQuota),
    scope.volumes ? client.call({ service: "volume", path }, WireVolumeQuota) : null,
    scope.floatingIps
      ? client.call({ service: "network", path: ["quotas", projectId] }, WireNetworkQuota)
      : null,
  ]);
  return withoutZeros({
    VCPU: fromLimit(compute.quota_set.cores),
    MEMORY_GIB: memoryFromLimit(compute.quota_set.ram),
    BLOCK_STORAGE_GIB: volumes === null ? 0 : fromLimit(volumes.quota_set.gigabytes),
    PUBLIC_IPV4: fromLimit(network?.quota.floatingip ?? 0),
  });
}

/** Changes what differs. Nova refuses a quota below what is in use, and so does this, as a conflict. */
export async function ensureQuota(
  client: Client,
  projectId: string,
  quota: ProviderQuantities,
  scope: QuotaScope,
): Promise<void> {
  const seen = await readQuota(client, projectId, scope);
  const differs = (name: string) => (seen[name] ?? 0) !== (quota[name] ?? 0);
  const put = async (service: "compute" | "volume" | "network", body: unknown) => {
    const path = [service === "network" ? "quotas" : "os-quota-sets", projectId];
    await client.call({ service, method: "PUT", path, body }, NOTHING);
  };
  if (differs("VCPU") || differs("MEMORY_GIB")) {
    const cores = toLimit(quota.VCPU ?? 0);
    // The number of servers is not rationed, only what they take.
    await put("compute", { quota_set: { cores, ram: memoryLimit(quota.MEMORY_GIB ?? 0), instances: -1 } });
  }
  if (scope.volumes && differs("BLOCK_STORAGE_GIB")) {
    await put("volume", { quota_set: { gigabytes: toLimit(quota.BLOCK_STORAGE_GIB ?? 0), volumes: -1 } });
  }
  if (scope.floatingIps && differs("PUBLIC_IPV4")) {
    await put("network", { quota: { floatingip: toLimit(quota.PUBLIC_IPV4 ?? 0) } });
  }
}

/** Back to the cloud's defaults, so that nothing of the project stays behind. */
export async function forgetQuota(client: Client, projectId: string, scope: QuotaScope): Promise<void> {
  const forget = (service: "compute" | "volume" | "network") => {
    const path = [service === "network" ? "quotas" : "os-quota-sets", projectId];
    return ignoringNotFound(client.call({ service, method: "DELETE", path }, NOTHING));
  };
  await forget("compute");
  if (scope.volumes) await forget("volume");
  await forget("network");
}

const Detail = z.object({ in_use: z.int() });
const WireComputeUsage = z.object({ quota_set: z.object({ cores: Detail, ram: Detail }) });
const WireVolumeUsage = z.object({ quota_set: z.object({ gigabytes: Detail }) });
const WireNetworkUsage = z.object({ quota: z.object({ floatingip: z.object({ used: z.int() }) }) });

/** What counts against the quotas; block storage only where the cloud has volumes. */
export async function readQuotaUsage(
  client: Client,
  projectId: string,
  scope: QuotaScope,
): Promise<ProviderQuantities> {
  const detail = { service: "compute", path: ["os-quota-sets", projectId, "detail"] } as const;
  const [compute, volumes, network] = await Promise.all([
    client.call(detail, WireComputeUsage),
    scope.volumes
      ? client.call(
          { service: "volume", path: ["os-quota-sets", projectId], query: { usage: "True" } },
          WireVolumeUsage,
        )
      : null,
    scope.floatingIps
      ? client.call({ service: "network", path: ["quotas", projectId, "details.json"] }, WireNetworkUsage)
      : null,
  ]);
  return withoutZeros({
    VCPU: compute.quota_set.cores.in_use,
    MEMORY_GIB: gibUp(compute.quota_set.ram.in_use),
    BLOCK_STORAGE_GIB: volumes?.quota_set.gigabytes.in_use ?? 0,
    PUBLIC_IPV4: network?.quota.floatingip.used ?? 0,
  });
}

function withoutZeros(quantities: Record<string, number>): ProviderQuantities {
  return Object.fromEntries(Object.entries(quantities).filter(([, amount]) => amount !== 0));
}
