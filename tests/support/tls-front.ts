import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

const FILES = new URL("../fixtures/tls/", import.meta.url);

/** An authority that no machine trusts by itself. */
export const PRIVATE_CA = readFileSync(new URL("ca.pem", FILES), "utf8");

export interface TlsFront {
  readonly url: string;
  /** Requests that came through, which is after the client has accepted the certificate. */
  calls(): number;
  close(): Promise<void>;
}

/** Puts TLS with a certificate of the private authority before a plain server. */
export async function startTlsFront(target: string): Promise<TlsFront> {
  let calls = 0;
  const server = createServer(
    { cert: readFileSync(new URL("server.pem", FILES)), key: readFileSync(new URL("server-key.pem", FILES)) },
    (incoming, outgoing) => {
      calls += 1;
      const onward = request(new URL(incoming.url ?? "/", target), {
        method: incoming.method,
        headers: { ...incoming.headers, "x-forwarded-proto": "https" },
        setHost: false,
      });
      onward.on("response", (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      incoming.pipe(onward);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
