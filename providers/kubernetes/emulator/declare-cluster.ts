import { z } from "zod";
import { PoolDeclaration } from "../../emulation/kind.ts";
import { ARCHITECTURE, instructionSet } from "../instruction-sets.ts";
import { LABEL } from "../marks.ts";
import { timeOf } from "./api-server.ts";
import type { ClusterState } from "./cluster-state.ts";
import { partOf, sameJson } from "./objects.ts";
import { CONFIG_MAPS, NODES, STORAGE_CLASSES } from "./resources.ts";

/** It becomes a label and the start of nodes' names. */
const PoolName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/);

export const ClusterDeclaration = z.strictObject({
  pools: z.array(PoolDeclaration.extend({ name: PoolName })).default([]),
  images: z.array(z.string()).default(["kylin-v10-sp3", "uos-server-20", "openeuler-22.03-lts", "anolis-8"]),
  storageClasses: z.array(z.string()).default(["standard"]),
});
type ClusterDeclaration = z.output<typeof ClusterDeclaration>;
export type NamedClusterDeclaration = { readonly id: string } & z.input<typeof ClusterDeclaration>;

const NODE_VCPU = 256;
const NODES_MAX = 32;
const INSTRUCTION_SETS = ["arm64", "amd64", "loong64"];
const HOW = { manager: "yunheng-emulator", force: true };

/** Gives a cluster the nodes, images and storage that a province says it has; said again, nothing changes. */
export function declareCluster(
  cluster: ClusterState,
  { pools, images, storageClasses }: ClusterDeclaration,
): void {
  for (const pool of pools) declarePool(cluster, pool);
  for (const architecture of INSTRUCTION_SETS) {
    const name = `images-${architecture}`;
    const labels = { [LABEL.catalogue]: "images", [ARCHITECTURE]: architecture };
    const data = Object.fromEntries(
      images.map((image) => [image, `registry.local/${image}:${architecture}`]),
    );
    cluster.api.apply(
      { resource: CONFIG_MAPS, namespace: "kube-system", name },
      { metadata: { name, labels }, data },
      HOW,
    );
  }
  for (const name of storageClasses) {
    const config = { metadata: { name }, provisioner: "yunheng.io/emulated", volumeBindingMode: "Immediate" };
    cluster.api.apply({ resource: STORAGE_CLASSES, namespace: null, name }, config, HOW);
  }
}

function declarePool(cluster: ClusterState, pool: PoolDeclaration): void {
  const offered = (name: string) => Math.floor((pool.total[name] ?? 0) * (pool.allocationRatio[name] ?? 1));
  const count = Math.min(NODES_MAX, Math.max(1, Math.ceil(offered("VCPU") / NODE_VCPU)));
  for (let index = 0; index < count; index += 1) {
    // Shares of a pool that add up to it: the first nodes get what the division leaves.
    const share = (name: string) =>
      Math.floor(offered(name) / count) + (index < offered(name) % count ? 1 : 0);
    const allocatable = {
      cpu: String(share("VCPU")),
      memory: `${share("MEMORY_GIB")}Gi`,
      pods: "250",
      ...(offered("GPU") === 0 ? {} : { "nvidia.com/gpu": String(share("GPU")) }),
    };
    const name = `${pool.name}-${index + 1}`;
    const labels = { [LABEL.pool]: pool.name, [ARCHITECTURE]: instructionSet(pool.architecture ?? "arm64") };
    const at = { resource: NODES, namespace: null, name };
    const { object } = cluster.api.apply(at, { metadata: { name, labels } }, HOW);
    if (sameJson(partOf(object.status, "allocatable"), allocatable)) continue;
    const time = timeOf(cluster.now());
    const ready = { type: "Ready", status: "True", reason: "KubeletReady", message: "ok" };
    const conditions = [{ ...ready, lastHeartbeatTime: time, lastTransitionTime: time }];
    const status = { allocatable, capacity: allocatable, conditions };
    cluster.api.update(at, (live) => ({ ...JSON.parse(JSON.stringify(live)), status }), {
      ...HOW,
      status: true,
    });
  }
}
