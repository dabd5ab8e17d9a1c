import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { emulatorApp } from "./emulator/app.ts";
import { CloudDeclaration } from "./emulator/declaration.ts";
import type { LatencyRange } from "./emulator/scene.ts";
import { DECLARATION, openStore } from "./emulator/store.ts";

export interface Ec2EmulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Bearer token of the admin routes. */
  readonly adminToken: string;
  /** Folder of the journal; null keeps everything in memory only. One server per folder. */
  readonly dataDir: string | null;
  /** Declared at the start, beside those the journal knows already. */
  readonly clouds?: Readonly<Record<string, CloudDeclaration>>;
  /** How long the clouds work on what they have accepted; 150 to 900 ms unless told otherwise. */
  readonly latencyMs?: LatencyRange;
  readonly clock: { now(): Date };
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Told about a defect of the emulator itself, which the caller sees as an internal error. */
  readonly onDefect?: (error: unknown) => void;
}

export interface Ec2Emulator {
  /** Without a trailing slash; a cloud's endpoint is below it under `/clouds/{cloud}`. */
  readonly url: string;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 75_000;

/** Serves any number of EC2-compatible clouds. Rejects when the port is taken. */
export async function startEc2Emulator(options: Ec2EmulatorOptions): Promise<Ec2Emulator> {
  const store = openStore(options.dataDir, options.clock);
  try {
    for (const [id, declared] of Object.entries(options.clouds ?? {})) {
      store.put(id, "cloud", DECLARATION, CloudDeclaration.parse(declared));
    }
    const app = emulatorApp({
      store,
      adminToken: options.adminToken,
      latencyMs: options.latencyMs ?? { min: 150, max: 900 },
      random: options.random ?? Math.random,
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
