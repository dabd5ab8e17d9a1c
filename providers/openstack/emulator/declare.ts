import { createHash } from "node:crypto";
import { z } from "zod";
import { PoolDeclaration } from "../../emulation/kind.ts";
import type { CloudState } from "./store.ts";

/** What an operator declares: of every pool what all kinds take, a pool being an availability zone. */
export const CloudDeclaration = z.strictObject({
  /** Neutron's routers and public addresses. */
  routers: z.boolean().default(true),
  /** Cinder. */
  volumes: z.boolean().default(true),
  pools: z.array(PoolDeclaration.extend({ hosts: z.int().min(1).default(1) })),
  images: z
    .array(z.object({ name: z.string(), architecture: z.string().nullable() }))
    .default(
      ["kylin-v10-sp3", "uos-server-20", "openeuler-22.03-lts", "anolis-8"].flatMap((name) =>
        ["aarch64", "x86_64", "loongarch64"].map((architecture) => ({ name, architecture })),
      ),
    ),
});
export type NamedCloudDeclaration = { readonly id: string } & z.input<typeof CloudDeclaration>;

const ADMIN = "admin";
export const DOMAIN = { id: "default", name: "Default" };

const CPU: Readonly<Record<string, string>> = {
  kunpeng: "aarch64",
  phytium: "aarch64",
  arm64: "aarch64",
  loongson: "loongarch64",
  loong64: "loongarch64",
};

/** The ids follow from the names, so that declaring twice changes nothing. */
function idOf(...parts: string[]): string {
  return createHash("sha256").update(parts.join("/")).digest("hex").slice(0, 32);
}

export function uuidOf(...parts: string[]): string {
  return idOf(...parts).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const ROLES = ["admin", "member", "reader"].map((name) => ({ id: idOf("role", name), name }));

export function roleNamed(name: string): string {
  return ROLES.find((role) => role.name === name)?.id ?? "";
}

/** The administrator, the hosts and the images; what tenants have made stays as it is. */
export function declareCloud(
  state: CloudState,
  { pools, images, routers, volumes }: z.output<typeof CloudDeclaration>,
  password: string,
): void {
  state.features = { routers, volumes };
  const projectId = idOf(state.id, "project", ADMIN);
  const userId = idOf(state.id, "user", ADMIN);
  if (state.get("projects", projectId) === undefined) {
    const project = {
      id: projectId,
      name: ADMIN,
      description: "",
      enabled: true,
      tags: [],
      createdAt: state.now(),
    };
    state.put("projects", projectId, project);
  }
  const user = { id: userId, name: ADMIN, password, enabled: true, defaultProjectId: null };
  state.put("users", userId, user);
  for (const { id: roleId } of ROLES) {
    const grant = { projectId, actor: "users" as const, actorId: userId, roleId };
    state.put("grants", `${projectId}/users/${userId}/${roleId}`, grant);
  }
  for (const pool of pools) {
    for (let number = 1; number <= pool.hosts; number += 1) {
      const name = `${pool.name}-${number}`;
      const id = uuidOf(state.id, "host", name);
      const share = (amount: number | undefined, unit: number) =>
        Math.floor(((amount ?? 0) * unit) / pool.hosts);
      state.put("hosts", id, {
        id,
        name,
        zone: pool.name,
        serviceId: uuidOf(state.id, "service", name),
        architecture: pool.architecture === null ? "x86_64" : (CPU[pool.architecture] ?? "x86_64"),
        total: {
          VCPU: share(pool.total.VCPU, 1),
          MEMORY_MB: share(pool.total.MEMORY_GIB, 1024),
          DISK_GB: share(pool.total.BLOCK_STORAGE_GIB, 1),
        },
        ratio: {
          VCPU: pool.allocationRatio.VCPU ?? 1,
          MEMORY_MB: pool.allocationRatio.MEMORY_GIB ?? 1,
          DISK_GB: pool.allocationRatio.BLOCK_STORAGE_GIB ?? 1,
        },
        generation: 1,
      });
    }
  }
  for (const { name, architecture } of images) {
    const id = uuidOf(state.id, "image", name, architecture ?? "any");
    if (state.get("images", id) !== undefined) continue;
    const createdAt = state.now();
    const image = { id, name, architecture, size: 1, ownerId: projectId, visibility: "public", createdAt };
    state.put("images", id, image);
  }
}
