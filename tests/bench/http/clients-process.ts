import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { measure } from "../clients.ts";

/**
 * Clients in a process of their own: `clients-process.ts FILE`. One connection each, kept open; written on bare
 * sockets, so that the clients take as little as possible of the machine that the server is measured on.
 */
export interface Orders {
  /** Clients take them by turns. */
  readonly urls: readonly string[];
  readonly path: string;
  readonly token: string;
  readonly bodies: readonly string[];
  /** Each request under an idempotency key of its own, which also stands in place of this in its body. */
  readonly keyInPlaceOf?: string;
  readonly clients: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

const [file] = process.argv.slice(2);
// A type import by the bench must not start any clients.
if (file !== undefined) {
  const orders = JSON.parse(readFileSync(file, "utf8")) as Orders;
  const statuses: Record<string, number> = {};
  const calls = await Promise.all(
    Array.from({ length: orders.clients }, (_, at) =>
      open(orders, orders.urls[at % orders.urls.length] ?? ""),
    ),
  );
  let next = 0;
  const measured = await measure(orders, async (client) => {
    const body = orders.bodies[next % orders.bodies.length] ?? "";
    next += 1;
    const status = await calls[client]?.(body);
    statuses[String(status)] = (statuses[String(status)] ?? 0) + 1;
  });
  process.stdout.write(JSON.stringify({ ...measured, statuses }));
  process.exit();
}

type Call = (body: string) => Promise<number>;

function open({ path, token, keyInPlaceOf }: Orders, url: string): Promise<Call> {
  const { host, hostname, port } = new URL(url);
  const head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const ask: Call = (body) => {
    if (keyInPlaceOf === undefined) return call(socket, head, body);
    const key = randomUUID();
    return call(socket, `${head}idempotency-key: ${key}\r\n`, body.replace(keyInPlaceOf, key));
  };
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => resolve(ask));
  });
}

/** Resolves with the status once the whole answer is there. */
function call(socket: Socket, head: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    let left = -1;
    const hear = (chunk: Buffer) => {
      if (left >= 0) left -= chunk.length;
      else {
        received = Buffer.concat([received, chunk]);
        const end = received.indexOf("\r\n\r\n");
        if (end < 0) return;
        const length = /content-length: (\d+)/i.exec(received.toString("latin1", 0, end));
        if (length === null) throw new Error("an answer without a length");
        left = Number(length[1]) - (received.length - end - 4);
      }
      if (left > 0) return;
      socket.off("data", hear);
      resolve(Number(received.toString("latin1", 9, 12)));
    };
    socket.on("data", hear);
    socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
}
