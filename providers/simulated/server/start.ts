import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { simulatedApp } from "./app.ts";
import { declareCloud, NamedCloudDeclaration } from "./declare-cloud.ts";
import { type LatencyRange, seededChance } from "./scene.ts";
import { openStore } from "./store.ts";

export interface SimulatedCloudsOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Bearer token of every route but `/healthz`. */
  readonly token: string;
  /** Folder of the journal; null keeps everything in memory only. One server per folder. */
  readonly dataDir: string | null;
  readonly seed?: string;
  /** Declared at the start, beside those the journal knows already. */
  readonly clouds?: readonly NamedCloudDeclaration[];
  /** How long creating and removing take; 150 to 900 ms unless told otherwise. */
  readonly latencyMs?: LatencyRange;
  readonly clock: { now(): Date };
  /** Told about a defect of the simulation itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

export interface SimulatedClouds {
  /** Without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 75_000;

/** Serves any number of simulated clouds under `/clouds/{cloud}/v1`. Rejects when the port is taken. */
export async function startSimulatedClouds(options: SimulatedCloudsOptions): Promise<SimulatedClouds> {
  const store = openStore(options.dataDir, options.clock);
  try {
    for (const { id, ...declared } of (options.clouds ?? []).map((cloud) =>
      NamedCloudDeclaration.parse(cloud),
    )) {
      store.commit(declareCloud(id, declared, store.cloud(id)));
    }
    const chance = seededChance(options.seed ?? "simulated", options.latencyMs ?? { min: 150, max: 900 });
    const app = simulatedApp({
      token: options.token,
      store,
      chance,
      onDefect: options.onDefect ?? (() => undefined),
    });
    const server = createAdaptorServer({ fetch: app.fetch });
    // Longer than clients keep idle connections: one that is closed just as it is used again looks like a fault.
    if ("keepAliveTimeout" in server) server.keepAliveTimeout = KEEP_ALIVE_MS;
    const { port } = await listening(server, options.port, options.host);
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    return {
      url: `http://${host}:${port}`,
      async close() {
        await closed(server);
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function listening(server: ServerType, port: number, host: string): Promise<AddressInfo> {
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

function closed(server: ServerType): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    // Hanging calls and idle connections would otherwise keep the server open.
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
