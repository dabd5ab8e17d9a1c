import type { EmulatedKind } from "../../providers/emulation/kind.ts";
import { startEmulation } from "../../providers/emulation/server.ts";

const ADMINISTRATOR = "token-of-the-emulation";

export interface Served {
  /** Of the server; the clouds of the kind are at `/{kind}/{cloud}` below it. */
  readonly url: string;
  /** A request of the emulation's administrator: `path` begins with the cloud. @throws where it is refused */
  admin(method: string, path: string, body?: unknown): Promise<void>;
  close(): Promise<void>;
}

/** One kind of emulated cloud, served on a free port. */
export async function served(kind: EmulatedKind): Promise<Served> {
  const server = await startEmulation({ port: 0, host: "127.0.0.1", token: ADMINISTRATOR, kinds: [kind] });
  return {
    ...server,
    async admin(method, path, body) {
      const answer = await fetch(`${server.url}/admin/${kind.name}/${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMINISTRATOR}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    },
  };
}
