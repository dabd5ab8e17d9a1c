import type { DelayRange, EmulatedKind } from "../emulation/kind.ts";
import { openScripts } from "../emulation/script.ts";
import { administratorRoutes } from "./emulator/administrator-routes.ts";
import { answerer } from "./emulator/answer.ts";
import { type ClusterState, openCluster } from "./emulator/cluster-state.ts";
import {
  ClusterDeclaration,
  declareCluster,
  type NamedClusterDeclaration,
} from "./emulator/declare-cluster.ts";
import type { User } from "./emulator/tokens.ts";

export interface KubernetesOptions {
  /** Bearer token of the clusters' administrator. */
  readonly token: string;
  /** Others who may enter every cluster, with the rights that its bindings give them. */
  readonly users?: Readonly<Record<string, User>>;
  /** Folder of the clusters' state; null keeps everything in memory only. One process per folder. */
  readonly dataDir: string | null;
  readonly clouds?: readonly NamedClusterDeclaration[];
  /** False leaves pods waiting, as on a cluster that has only a control plane. */
  readonly hasNodes?: boolean;
  /** How long controllers take to act; 20 to 60 ms unless told otherwise. */
  readonly delayMs?: DelayRange;
  readonly clock: { now(): Date };
  /** Told about a defect of the emulation itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

/** Emulated clusters; a cluster's API server is at `/kubernetes/{cluster}`. */
export function kubernetesKind(options: KubernetesOptions): EmulatedKind {
  const { token, dataDir, delayMs = { min: 20, max: 60 }, hasNodes = true, clock } = options;
  const onDefect = options.onDefect ?? (() => undefined);
  const administrator = { name: "administrator", groups: ["system:masters", "system:authenticated"] };
  const users = new Map<string, User>([...Object.entries(options.users ?? {}), [token, administrator]]);
  const now = () => clock.now().getTime();
  const clusters = new Map<string, ClusterState>();
  const scripts = openScripts();
  const declare = (id: string, declared: unknown) => {
    const declaration = ClusterDeclaration.parse(declared);
    const cluster = clusters.get(id) ?? openCluster(id, { dataDir, delayMs, users, now, hasNodes, onDefect });
    clusters.set(id, cluster);
    declareCluster(cluster, declaration);
  };
  for (const { id, ...declared } of options.clouds ?? []) declare(id, declared);
  const find = (id: string) => clusters.get(id);
  return {
    name: "kubernetes",
    scripts,
    cloudIds: () => [...clusters.keys()],
    declare,
    answer: answerer(find, scripts, onDefect),
    deeds: administratorRoutes(find),
    close() {
      for (const cluster of clusters.values()) cluster.close();
    },
  };
}
