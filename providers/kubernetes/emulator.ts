import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { z } from "zod";
import { administer, type Clusters } from "./emulator/admin-routes.ts";
import { answerRefusal, type Request, serve } from "./emulator/cluster-routes.ts";
import { type ClusterState, openCluster } from "./emulator/cluster-state.ts";
import { ClusterDeclaration, declareCluster } from "./emulator/declare-cluster.ts";
import { Refusal } from "./emulator/status.ts";
import type { DelayRange } from "./emulator/tasks.ts";
import type { User } from "./emulator/tokens.ts";

export interface KubernetesEmulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Bearer token of the clusters' administrator and of the admin routes. */
  readonly token: string;
  /** Others who may enter every cluster, with the rights that its bindings give them. */
  readonly users?: Readonly<Record<string, User>>;
  /** Folder of the clusters' state; null keeps everything in memory only. One emulator per folder. */
  readonly dataDir: string | null;
  /** Opened at the start, each with what it declares. */
  readonly clusters?: readonly ({ readonly id: string } & z.input<typeof ClusterDeclaration>)[];
  /** False leaves pods waiting, as on a cluster that has only a control plane. */
  readonly hasNodes?: boolean;
  /** How long controllers take to act; 20 to 60 ms unless told otherwise. */
  readonly delayMs?: DelayRange;
  readonly clock: { now(): Date };
  /** Told about a defect of the emulation itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

export interface KubernetesEmulator {
  /** Without a trailing slash; a cluster's API server is at `/clusters/{id}` below it. */
  readonly url: string;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 75_000;

/** Serves any number of emulated clusters. Rejects when the port is taken. */
export async function startKubernetesEmulator(
  options: KubernetesEmulatorOptions,
): Promise<KubernetesEmulator> {
  const opened = new Map<string, ClusterState>();
  const onDefect = options.onDefect ?? (() => undefined);
  const administrator = { name: "administrator", groups: ["system:masters", "system:authenticated"] };
  const users = new Map<string, User>([
    ...Object.entries(options.users ?? {}),
    [options.token, administrator],
  ]);
  const clusters: Clusters = {
    ids: () => [...opened.keys()],
    find: (id) => opened.get(id),
    open(id) {
      const known = opened.get(id);
      if (known !== undefined) return known;
      const { dataDir, delayMs = { min: 20, max: 60 }, hasNodes = true, clock } = options;
      const now = () => clock.now().getTime();
      const cluster = openCluster(id, { dataDir, delayMs, users, now, hasNodes, onDefect });
      opened.set(id, cluster);
      return cluster;
    },
  };
  const closeAll = () => {
    for (const cluster of opened.values()) cluster.close();
  };
  try {
    for (const { id, ...declared } of options.clusters ?? []) {
      declareCluster(clusters.open(id), ClusterDeclaration.parse(declared));
    }
    const server = createServer((incoming, outgoing) => {
      handle(clusters, options.token, incoming, outgoing).catch((error: unknown) => {
        if (error instanceof Refusal) return answerRefusal(outgoing, error);
        onDefect(error);
        answerRefusal(outgoing, new Refusal(500, "InternalError", "the emulated cluster failed", {}));
      });
    });
    // Longer than clients keep idle connections: one that is closed just as it is used again looks like a fault.
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    const { port } = await listening(server, options.port, options.host);
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    return {
      url: `http://${host}:${port}`,
      async close() {
        await closed(server);
        closeAll();
      },
    };
  } catch (error) {
    closeAll();
    throw error;
  }
}

async function handle(
  clusters: Clusters,
  token: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://emulator");
  // Newer API servers tell it in every answer.
  outgoing.setHeader("audit-id", incoming.headers["audit-id"] ?? randomUUID());
  outgoing.setHeader("cache-control", "no-cache, private");
  const [, place = "", id = "", path = ""] = /^\/(clusters|admin)\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
  const request: Request = {
    method: incoming.method ?? "GET",
    path: place === "admin" ? pathname.slice("/admin".length) : path,
    query: Object.fromEntries(searchParams),
    headers: incoming.headers,
    body: await textOf(incoming),
  };
  if (pathname === "/healthz") {
    outgoing.end("ok");
    return;
  }
  if (place === "admin") {
    const given = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
    if (!sameSecret(given, token)) throw new Refusal(401, "Unauthorized", "Unauthorized");
    return administer(clusters, request, outgoing);
  }
  const cluster = place === "clusters" ? clusters.find(id) : undefined;
  if (cluster === undefined) {
    throw new Refusal(404, "NotFound", "the server could not find the requested resource", {});
  }
  await serve(cluster, request, incoming, outgoing);
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts).toString();
}

function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

function listening(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("not listening on a port"));
      else resolve(address);
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    // Hanging calls, watches and idle connections would otherwise keep the server open.
    server.closeAllConnections();
  });
}
