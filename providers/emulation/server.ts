import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { administration } from "./admin.ts";
import type { EmulatedKind } from "./kind.ts";

export interface EmulationOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Bearer token of the administrator's routes. */
  readonly token: string;
  readonly kinds: readonly EmulatedKind[];
  /** Told about a defect of the emulation itself, which the caller sees as a bare 500. */
  readonly onDefect?: (error: unknown) => void;
}

/** A server of emulated clouds. */
export interface Emulation {
  /** Without a trailing slash; the clouds of a kind are at `/{kind}/{cloud}` below it. */
  readonly url: string;
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 75_000;

/** Serves any number of clouds of several kinds. Rejects when the port is taken; the kinds are closed then. */
export async function startEmulation(options: EmulationOptions): Promise<Emulation> {
  const { kinds, onDefect = () => undefined } = options;
  const closeKinds = () => {
    for (const kind of kinds) kind.close();
  };
  const server = createServer(listenerOf(options, onDefect));
  // Longer than clients keep idle connections: one that is closed just as it is used again looks like a fault.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  try {
    const { port } = await listening(server, options.port, options.host);
    const host = options.host.includes(":") ? `[${options.host}]` : options.host;
    return {
      url: `http://${host}:${port}`,
      async close() {
        await closed(server);
        closeKinds();
      },
    };
  } catch (error) {
    closeKinds();
    throw error;
  }
}

function listenerOf({ kinds, token }: EmulationOptions, onDefect: (error: unknown) => void) {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  const administrate = getRequestListener(administration(kinds, token, onDefect).fetch);
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const [, name = ""] = /^\/([^/?]*)/.exec(incoming.url ?? "") ?? [];
    const kind = byName.get(name);
    const answered = kind === undefined ? administrate(incoming, outgoing) : kind.answer(incoming, outgoing);
    answered.catch((error: unknown) => {
      onDefect(error);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(500).end();
    });
  };
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
