import { Agent, request } from "node:http";
import { sql } from "drizzle-orm";
import { openServer } from "../../../control-plane/db/open.ts";
import { deriveQuota } from "../../../control-plane/quota/derive.ts";
import { YunhengProcess } from "../../support/process.ts";
import type { Lab } from "../bench.ts";

export interface Served {
  readonly url: string;
  /** Of somebody who may submit for `gd-hrss`. */
  readonly token: string;
  stop(): Promise<void>;
}

/** So much that nothing is ever refused for want of it. */
const PLENTY = 1_000_000_000;

/** `yunheng serve` in a process of its own, with the province of the repository and its policies. */
export async function serve(lab: Lab): Promise<Served> {
  const databaseUrl = await lab.newDatabase();
  const server = new YunhengProcess({
    DATABASE_URL: databaseUrl,
    PORT: "0",
    RATE_LIMIT_PER_MINUTE: "1000000",
  });
  const { code, output } = await server.command("init");
  if (code !== 0) throw new Error(output);
  await enlarge(databaseUrl);
  await server.start("serve");
  const token = await server.tokenFor("bench", "department_member", { kind: "organization", id: "gd-hrss" });
  return { url: server.url, token, stop: () => server.dispose() };
}

async function enlarge(url: string): Promise<void> {
  const db = await openServer({ url, connectionsMax: 1, statementTimeoutMs: 60_000 });
  await db.withTx(async (tx) => {
    await tx.execute(sql`UPDATE inventories SET total = ${PLENTY}::bigint, reserved = ${PLENTY / 4}::bigint`);
    await tx.execute(sql`UPDATE quota_limits SET nominal = ${PLENTY}::bigint`);
    await deriveQuota(tx);
  });
  await db.close();
}

export interface Answer {
  readonly status: number;
  /** Put together only where somebody wants to read it. */
  readonly body: () => string;
}

const text = (parts: readonly Buffer[]) => Buffer.concat(parts).toString();

/** Posts JSON over connections that stay open, as cheaply as can be: clients share the machine with what they measure. */
export function poster({ url, token }: Served, clients: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const call = request(
        `${url}/api/v1${path}`,
        {
          agent,
          method: "POST",
          headers: {
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            "content-length": Buffer.byteLength(body),
            ...headers,
          },
        },
        (answer) => {
          answer.on("error", reject);
          const parts: Buffer[] = [];
          answer.on("data", (part: Buffer) => parts.push(part));
          answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: () => text(parts) }));
        },
      );
      call.on("error", reject);
      call.end(body);
    });
  return { post, close: () => agent.destroy() };
}
