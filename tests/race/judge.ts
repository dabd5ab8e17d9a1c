import { sql } from "drizzle-orm";
import { pino } from "pino";
import { readConfig } from "../../control-plane/config.ts";
import { type Database, queryRows } from "../../control-plane/db/tx.ts";
import { HOUR_MS, ManualClock, plus } from "../../control-plane/kernel/clock.ts";
import { systemIds } from "../../control-plane/kernel/ids.ts";
import { fixedPolicies } from "../../control-plane/policy/policies.ts";
import { policySetOf } from "../../control-plane/policy/policy-set.ts";
import { INVARIANTS } from "../../control-plane/quota/verify/invariants.ts";
import { expireRequests } from "../../control-plane/requests/expire.ts";
import { brokenInvariants } from "../support/invariants.ts";
import { IDLE_QUEUE } from "./idle-queue.ts";
import type { Tally } from "./tally.ts";

/** Everything that is wrong after a race; empty where nothing is. */
export async function judge(db: Database, now: Date, tally: Tally): Promise<string[]> {
  const afterwards = (await brokenInvariants(db)).map((one) => `after the race: ${one}`);
  const later = new ManualClock(plus(now, HOUR_MS));
  const stuck = await expireAll(db, later);
  const settled = await brokenInvariants(db, INVARIANTS, later.now());
  return [
    ...tally.unexpected.map((one) => `unexpected: ${one}`),
    ...afterwards,
    ...stuck,
    ...settled.map((one) => `after the expiry sweep: ${one}`),
    ...(await survivors(db)),
    ...(await allocatedTwice(db)),
    ...[...tally.answers].flatMap(([key, ids]) =>
      ids.size > 1 ? [`${key} was answered with ${ids.size} requests: ${[...ids].join(", ")}`] : [],
    ),
  ];
}

async function expireAll(db: Database, clock: ManualClock): Promise<string[]> {
  const app = {
    config: readConfig({ LOG_LEVEL: "silent" }, {}),
    db,
    clock,
    ids: systemIds,
    log: pino({ level: "silent" }),
    queue: IDLE_QUEUE,
    policies: fixedPolicies(policySetOf([])),
  };
  // Ends also where the program fails to expire them; the survivors are then found below.
  try {
    for (let round = 0; round < 100; round += 1) if ((await expireRequests(app)) === 0) return [];
  } catch (error) {
    // Counters that a race has spoiled are refused by the database itself.
    return [`the expiry sweep failed: ${error instanceof Error ? String(error.cause ?? error) : error}`];
  }
  return ["the expiry sweep does not end"];
}

/** An hour after the last hold was made, nothing may be held any more. */
async function survivors(db: Database): Promise<string[]> {
  const rows = await db.withTx((tx) =>
    queryRows(
      tx,
      sql`SELECT 'hold ' || id AS place FROM holds WHERE state = 'active'
          UNION ALL SELECT 'pool ' || pool_id FROM inventories WHERE held <> 0
          UNION ALL SELECT 'node ' || node_id FROM quota_limits WHERE held <> 0`,
    ),
  );
  return rows.map(({ place }) => `still held after the expiry sweep: ${place}`);
}

/** A key stands in the body of what was submitted with it. */
async function allocatedTwice(db: Database): Promise<string[]> {
  const rows = await db.withTx((tx) =>
    queryRows(
      tx,
      sql`SELECT body ->> 'purpose' AS key, count(*)::int AS requests, count(tenancy_id)::int AS tenancies
            FROM tenancy_requests WHERE body ->> 'purpose' LIKE 'key-%' GROUP BY 1 HAVING count(*) > 1`,
    ),
  );
  return rows.map(({ key, requests, tenancies }) => `${key}: ${requests} requests, ${tenancies} tenancies`);
}
