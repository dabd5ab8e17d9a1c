import { createServer, type Server, STATUS_CODES } from "node:http";
import { type AddressInfo, createServer as createProbe } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";
import { problemResponse, refusalOf } from "../http/problem.ts";
import { type Fault, fault } from "../kernel/fault.ts";
import { systemIds } from "../kernel/ids.ts";

/** Says in plain words why this address and port cannot be had. */
export class PortTaken extends Error {}

export interface Listening {
  readonly url: string;
  /** Takes no new requests, lets those that run end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

type Fetch = (request: Request, env: unknown) => Response | Promise<Response>;

export function listen(fetch: Fetch, host: string, port: number): Promise<Listening> {
  const answer = getRequestListener(fetch, { errorHandler: unusable });
  const server = createServer({ requireHostHeader: false }, answer);
  // An expectation that is not known may be passed over, which beats a refusal without a reason.
  server.on("checkExpectation", answer);
  server.on("clientError", (error, socket) => void refuse(socket, error));
  // Longer than the idle time-out of usual proxies, so that they never reuse a socket we just closed.
  server.keepAliveTimeout = 75_000;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(taken(error, host, port)));
    server.listen(port, host, () => {
      const bound = server.address() as AddressInfo;
      const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
      resolve({ url: `http://${shown}:${bound.port}`, close: (graceMs) => close(server, graceMs) });
    });
  });
}

/** Throws `PortTaken` before anything else has been started; whoever takes the port afterwards is met by `listen`. */
export function requireFreePort(host: string, port: number): Promise<void> {
  const probe = createProbe();
  return new Promise((resolve, reject) => {
    probe.once("error", (error: NodeJS.ErrnoException) => reject(taken(error, host, port)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

function taken(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === "EADDRINUSE") {
    return new PortTaken(`Port ${port} on ${host} is already in use. Choose another with PORT or --port.`);
  }
  if (error.code === "EACCES") {
    return new PortTaken(`Port ${port} on ${host} needs more rights. Choose another with PORT or --port.`);
  }
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return new PortTaken(`This machine has no address ${host}. Choose another with HOST or --host.`);
  }
  return error;
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

/** For requests with an address or a host that is none, which no route ever sees. */
function unusable(error: unknown): Response {
  return problemOf(error instanceof RequestError ? fault("http.malformed_request") : refusalOf(error));
}

const PARSER_FAULTS = new Map<string | undefined, Fault>([
  ["HPE_HEADER_OVERFLOW", fault("http.headers_too_large")],
  ["ERR_HTTP_REQUEST_TIMEOUT", fault("http.request_timeout")],
]);

/** What is not even HTTP gets a problem too, written by hand: there is no request to answer. */
async function refuse(socket: Duplex, error: NodeJS.ErrnoException): Promise<void> {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const response = problemOf(PARSER_FAULTS.get(error.code) ?? fault("http.malformed_request"));
  const body = await response.text();
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  for (const [name, value] of response.headers) head.push(`${name}: ${value}`);
  head.push(`content-length: ${Buffer.byteLength(body)}`, "connection: close");
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function problemOf(refusal: Fault): Response {
  return problemResponse(refusal, systemIds.next("aud").slice(4));
}
