import type { Tx } from "../db/tx.ts";
import { deleteOldest } from "./rows.ts";

const BATCH = 5000;

/** Forgets what happened before a moment; who resumes from there is told that something is lost. */
export async function forgetEventsBefore(tx: Tx, before: Date): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const deleted = await deleteOldest(tx, before, BATCH);
    forgotten += deleted;
    if (deleted < BATCH) return forgotten;
  }
}
