import { sql } from "drizzle-orm";
import type { Tx } from "./tx.ts";

const MAP_LOCK = 7_260_612;

/**
 * Whoever changes the map (the tree, its limits, pools and what they have) does so alone, before anything else
 * is locked: two applications would each plan against what the other is about to change. Holds and claims go on.
 */
export async function lockMap(tx: Tx): Promise<void> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${MAP_LOCK})`);
}
