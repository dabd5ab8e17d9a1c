import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ForwardProxy {
  readonly url: string;
  /** Tunnels opened and requests handed on. */
  passed(): number;
  close(): Promise<void>;
}

/** A forward proxy as clients meet it: tunnels by CONNECT, and requests in absolute form. */
export async function startForwardProxy(): Promise<ForwardProxy> {
  let passed = 0;
  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    passed += 1;
    const onward = request(incoming.url ?? "", { method: incoming.method, headers: incoming.headers });
    onward.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  server.on("connect", (incoming, client: Socket, head: Buffer) => {
    passed += 1;
    const [host = "", port = "443"] = (incoming.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      onward.write(head);
      onward.pipe(client);
      client.pipe(onward);
    });
    for (const [socket, peer] of [
      [client, onward],
      [onward, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => peer.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        peer.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed: () => passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
      }),
  };
}
