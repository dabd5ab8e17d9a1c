import { join } from "node:path";
import type { DelayRange } from "../../emulation/kind.ts";
import { type ApiServer, apiServer } from "./api-server.ts";
import { runControllers } from "./controllers.ts";
import { NAMESPACES } from "./resources.ts";
import { openStore, type Store } from "./store.ts";
import { openTasks } from "./tasks.ts";
import { openTokens, type Tokens, type User } from "./tokens.ts";

/** One emulated cluster, alive. */
export interface ClusterState {
  readonly store: Store;
  readonly api: ApiServer;
  readonly tokens: Tokens;
  readonly now: () => number;
  close(): void;
}

export interface ClusterSetting {
  /** Null keeps everything in memory only. */
  readonly dataDir: string | null;
  readonly delayMs: DelayRange;
  readonly users: ReadonlyMap<string, User>;
  readonly now: () => number;
  readonly hasNodes: boolean;
  readonly onDefect: (error: unknown) => void;
}

const SYSTEM = ["default", "kube-node-lease", "kube-public", "kube-system"];

export function openCluster(id: string, setting: ClusterSetting): ClusterState {
  const { dataDir, delayMs, users, now, hasNodes, onDefect } = setting;
  const store = openStore(dataDir === null ? null : join(dataDir, `kubernetes-${id}.jsonl`), now);
  const api = apiServer(store, now);
  const tasks = openTasks(delayMs, onDefect);
  for (const name of SYSTEM) {
    if (store.get(NAMESPACES, null, name) !== null) continue;
    api.create(NAMESPACES, null, { metadata: { name } }, { manager: "kube-apiserver" });
  }
  const stop = runControllers({ store, api, now, hasNodes }, tasks);
  return {
    ...{ store, api, now, tokens: openTokens(store, users, now) },
    close() {
      stop();
      tasks.stop();
      store.close();
    },
  };
}
