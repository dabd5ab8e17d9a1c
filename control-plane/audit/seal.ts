import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { MINUTE_MS } from "../kernel/clock.ts";
import { type Seal, sealNext, signCheckpoint } from "./chain.ts";
import {
  chainEnd,
  entriesAfter,
  entriesWithoutSeal,
  insertCheckpoint,
  insertSeals,
  lastCheckpoint,
  trySealLock,
} from "./seal-rows.ts";
import type { SigningKey } from "./signing-key.ts";

const BATCH = 500;
const CHECKPOINT_EVERY_MS = MINUTE_MS;

interface SealOptions {
  /**
   * Signs a checkpoint now, and looks for unsealed entries in the whole log instead of behind the end of the
   * chain: for the start of a worker, since the database may have been restored, and before an export.
   */
  readonly force?: boolean;
}

/**
 * Chains the entries that were committed since the last time, and signs a checkpoint once a minute.
 * Any number of workers may call this; one of them works, the others return 0.
 * @returns how many entries were sealed.
 */
export async function sealAudit(app: App, key: SigningKey, options: SealOptions = {}): Promise<number> {
  let count = 0;
  for (;;) {
    const sealed = await app.db.withTx((tx) => sealBatch(tx, app, key, options.force ?? false));
    count += sealed;
    if (sealed < BATCH) return count;
  }
}

/** One batch with its checkpoint, in the caller's transaction. */
export async function sealBatch(
  tx: Tx,
  app: Pick<App, "clock" | "config">,
  key: SigningKey,
  force: boolean,
): Promise<number> {
  if (!(await trySealLock(tx))) return 0;
  const end = await chainEnd(tx);
  const wholeLog = force || end === null || end.isForeign;
  const entries = wholeLog ? await entriesWithoutSeal(tx, BATCH) : await entriesAfter(tx, end, BATCH);
  const seals: Seal[] = [];
  let last = end?.seal ?? null;
  for (const entry of entries) {
    last = sealNext(last, entry, app.config.AUDIT_HASH);
    seals.push(last);
  }
  if (seals.length > 0) await insertSeals(tx, seals);
  if (last !== null) await checkpoint(tx, app, key, last, force);
  return seals.length;
}

async function checkpoint(
  tx: Tx,
  { clock, config }: Pick<App, "clock" | "config">,
  key: SigningKey,
  seal: Seal,
  force: boolean,
): Promise<void> {
  const previous = await lastCheckpoint(tx);
  if (previous !== undefined && previous.seq >= seal.seq) return;
  const now = clock.now();
  const isDue = previous === undefined || now.getTime() - previous.sealedAt.getTime() >= CHECKPOINT_EVERY_MS;
  if (!isDue && !force) return;
  const context = { installation: config.INSTALLATION, sealedAt: now.toISOString() };
  await insertCheckpoint(tx, signCheckpoint(seal, context, key), key.publicKey);
}
