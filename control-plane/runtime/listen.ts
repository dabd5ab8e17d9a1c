import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

/** Says in plain words that somebody else has the port. */
export class PortTaken extends Error {}

export interface Listening {
  readonly url: string;
  /** Takes no new requests, lets those that run end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

type Fetch = (request: Request, env: unknown) => Response | Promise<Response>;

export function listen(fetch: Fetch, host: string, port: number): Promise<Listening> {
  const server = createAdaptorServer({ fetch }) as Server;
  // Longer than the idle time-out of usual proxies, so that they never reuse a socket we just closed.
  server.keepAliveTimeout = 75_000;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") return reject(error);
      reject(new PortTaken(`Port ${port} on ${host} is already in use. Choose another with PORT or --port.`));
    });
    server.listen(port, host, () => {
      const bound = server.address() as AddressInfo;
      const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
      resolve({ url: `http://${shown}:${bound.port}`, close: (graceMs) => close(server, graceMs) });
    });
  });
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
