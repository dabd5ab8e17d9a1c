import type { FlavorRecord, ServerRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import type { CloudState } from "./store.ts";

/** Nova's and Neutron's quotas, with the defaults of both. */

export const COMPUTE_DEFAULTS: Readonly<Record<string, number>> = {
  cores: 20,
  instances: 10,
  key_pairs: 100,
  metadata_items: 128,
  ram: 51_200,
  server_group_members: 10,
  server_groups: 10,
};

const NETWORK_DEFAULTS: Readonly<Record<string, number>> = {
  network: 100,
  subnet: 100,
  subnetpool: -1,
  port: 500,
  rbac_policy: 10,
  security_group: 10,
  security_group_rule: 100,
};

export const VOLUME_DEFAULTS: Readonly<Record<string, number>> = {
  volumes: 10,
  snapshots: 10,
  gigabytes: 1_000,
  backups: 10,
  backup_gigabytes: 1_000,
  per_volume_gigabytes: -1,
  groups: 10,
};

export function volumeQuota(state: CloudState, projectId: string): Record<string, number> {
  return { ...VOLUME_DEFAULTS, ...state.get("volumeQuotas", projectId) };
}

export function volumesInUse(state: CloudState, projectId: string): Record<string, number> {
  const volumes = state.all("volumes").filter((volume) => volume.projectId === projectId);
  return { volumes: volumes.length, gigabytes: volumes.reduce((total, { size }) => total + size, 0) };
}

/** Public addresses count only where there are routers. */
export function networkQuota(state: CloudState, projectId: string): Record<string, number> {
  const routed = state.features.routers ? { floatingip: 50, router: 10 } : {};
  return { ...NETWORK_DEFAULTS, ...routed, ...state.get("networkQuotas", projectId) };
}

export function computeQuota(state: CloudState, projectId: string): Record<string, number> {
  return { ...COMPUTE_DEFAULTS, ...state.get("computeQuotas", projectId) };
}

function serversOf(state: CloudState, projectId: string): ServerRecord[] {
  return state.all("servers").filter((server) => server.projectId === projectId);
}

export function inUse(state: CloudState, projectId: string): Record<string, number> {
  const servers = serversOf(state, projectId);
  // A resize that waits to be confirmed counts with the larger of its two sizes.
  const sum = (size: (flavor: FlavorRecord) => number) =>
    servers.reduce(
      (total, { flavor, oldFlavor }) =>
        total + Math.max(size(flavor), oldFlavor === null ? 0 : size(oldFlavor)),
      0,
    );
  return { cores: sum(({ vcpus }) => vcpus), ram: sum(({ ram }) => ram), instances: servers.length };
}

/** Refuses with the figures, as Nova does: every class that would not fit. */
export function admit(state: CloudState, projectId: string, delta: Readonly<Record<string, number>>): void {
  const limits = computeQuota(state, projectId);
  const used = inUse(state, projectId);
  const over = Object.keys(delta)
    .filter((name) => {
      const limit = limits[name] ?? -1;
      return (delta[name] ?? 0) > 0 && limit >= 0 && (used[name] ?? 0) + (delta[name] ?? 0) > limit;
    })
    .sort();
  if (over.length === 0) return;
  const figures = (of: Readonly<Record<string, number>>) => over.map((name) => of[name] ?? 0).join(", ");
  const names = over.join(", ");
  throw new Refusal(
    403,
    "forbidden",
    `Quota exceeded for ${names}: Requested ${figures(delta)}, but already used ${figures(used)} of ${figures(limits)} ${names}`,
  );
}
