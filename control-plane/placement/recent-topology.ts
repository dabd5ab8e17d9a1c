import type { Database, Tx } from "../db/tx.ts";
import { loadTopology, type Topology } from "./load-snapshot.ts";

interface Seen {
  readonly topology: Promise<Topology>;
  readonly at: number;
  readonly writes: number;
}

/** What a picture must show: what is there now, or at least everything that this process has changed itself. */
export type Freshness = "fresh" | "own";

/** How old the picture behind a dry run may be, where another process has changed something since. */
const AGE_MAX_MS = 250;

const SEEN = new WeakMap<Database, Seen>();

/**
 * Clouds and pools as they were a moment ago: read anew after every change that this process has made, and after
 * `AGE_MAX_MS` in any case. For answers that promise nothing; what is held is decided on what is read then.
 */
export async function recentTopology(db: Database, tx: Tx, freshness: Freshness): Promise<Topology> {
  const known = SEEN.get(db);
  if (known !== undefined && isGoodEnough(known, db, freshness)) return known.topology;
  const seen: Seen = { topology: loadTopology(tx), at: performance.now(), writes: db.writes };
  SEEN.set(db, seen);
  try {
    return await seen.topology;
  } catch (error) {
    if (SEEN.get(db) === seen) SEEN.delete(db);
    throw error;
  }
}

function isGoodEnough(known: Seen, db: Database, freshness: Freshness): boolean {
  return freshness === "own" && performance.now() - known.at < AGE_MAX_MS && known.writes === db.writes;
}
