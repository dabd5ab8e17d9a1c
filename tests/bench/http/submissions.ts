import { sql } from "drizzle-orm";
import { openServer } from "../../../control-plane/db/open.ts";
import { deriveQuota } from "../../../control-plane/quota/derive.ts";
import { SMALL_REQUEST } from "../../stories/sample-request.ts";
import { type Lab, ratioOf } from "../bench.ts";
import { answersTo, serve } from "./served.ts";

const CLIENTS = 64;

/** So much that nothing is ever refused for want of it. */
const PLENTY = 1_000_000_000;

const KEY = "the-key-of-the-request";

/**
 * Requests that no person has to approve, each under its own idempotency key, from HTTP to the committed claim. The
 * baseline is the same without company: one client, so that every request has a transaction and a commit to itself.
 */
export async function submissions(lab: Lab, replicas: number): Promise<void> {
  const url = await lab.newDatabase();
  const served = await serve(url, replicas, () => enlarge(url));
  try {
    const orders = {
      urls: served.urls,
      path: "/api/v1/tenancy-requests",
      token: served.token,
      bodies: [JSON.stringify({ ...SMALL_REQUEST, purpose: KEY })],
      keyInPlaceOf: KEY,
      seconds: lab.quick ? 0.5 : 8,
      warmUpSeconds: lab.quick ? 0.1 : 4,
    };
    const one = await answersTo(served, { ...orders, clients: 1 }, 202);
    const many = await answersTo(served, { ...orders, clients: CLIENTS }, 202);
    lab.print({
      case: `submit, ${replicas} serving`,
      clients: CLIENTS,
      value: many.perSecond,
      unit: "requests/s",
      baseline: one.perSecond,
      ratio: ratioOf(many.perSecond, one.perSecond),
      p50Ms: many.p50Ms,
      p99Ms: many.p99Ms,
      details: { baselineP50Ms: one.p50Ms, baselineP99Ms: one.p99Ms, serveCpuMs: many.serveCpuMs },
    });
  } finally {
    await served.stop();
  }
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
