import type { AddressInfo } from "node:net";
import { createAdaptorServer, type ServerType } from "@hono/node-server";
import { emulatorApp } from "./emulator/app.ts";
import type { Pace } from "./emulator/context.ts";
import { declareCloud, type OpenstackCloudDeclaration } from "./emulator/declare.ts";
import { type CloudState, openState } from "./emulator/store.ts";

export interface OpenstackCloudsOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Of the user `admin` of every cloud, and the bearer token of the admin routes. */
  readonly password: string;
  /** Folder of the journals; null keeps everything in memory only. One server per folder. */
  readonly dataDir: string | null;
  readonly clouds: readonly OpenstackCloudDeclaration[];
  /** How long building, stopping, resizing and removing take; 150 to 900 ms unless told otherwise. */
  readonly latencyMs?: { readonly min: number; readonly max: number };
  readonly clock: { now(): Date };
  /** Told about a defect of the emulator itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

export interface OpenstackClouds {
  /** Without a trailing slash; the clouds are below it. */
  readonly url: string;
  /** A connection of kind `openstack` to one of the clouds. */
  connection(cloudId: string): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 75_000;

/** Serves any number of emulated OpenStack clouds. Rejects when the port is taken. */
export async function startOpenstackClouds(options: OpenstackCloudsOptions): Promise<OpenstackClouds> {
  const clouds = new Map<string, CloudState>();
  for (const declared of options.clouds) {
    const state = openState(declared.id, options.dataDir, options.clock);
    declareCloud(state, declared, options.password);
    clouds.set(declared.id, state);
  }
  const { min, max } = options.latencyMs ?? { min: 150, max: 900 };
  const pace: Pace = { minMs: min, maxMs: max };
  const onDefect = options.onDefect ?? (() => undefined);
  const app = emulatorApp({ clouds, pace, password: options.password, onDefect });
  const server = createAdaptorServer({ fetch: app.fetch });
  // Longer than clients keep idle connections: one that is closed just as it is used again looks like a fault.
  if ("keepAliveTimeout" in server) server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { port } = await listening(server, options.port, options.host);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const url = `http://${host}:${port}`;
  return {
    url,
    connection: (cloudId) => ({
      authUrl: `${url}/${cloudId}/identity/v3`,
      region: "RegionOne",
      credential: { kind: "password", username: "admin", password: options.password, project: "admin" },
    }),
    close: () => closed(server),
  };
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
