import { and, eq, lt } from "drizzle-orm";
import { idempotencyKeys } from "../db/schema/requests.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { AccountId } from "../kernel/ids.ts";

export interface StoredResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;
}

export interface IdempotencyKey {
  readonly accountId: AccountId;
  readonly key: string;
  /** Digest of method, path and body: the same key with another one is a mistake of the caller. */
  readonly bodyDigest: string;
}

/**
 * Claims a key inside the transaction of the work itself, so that work and answer are kept together or not at all.
 * A second caller with the same key waits here for the first one's commit and then gets its answer.
 */
export async function claimKey(tx: Tx, claim: IdempotencyKey, now: Date): Promise<StoredResponse | null> {
  const inserted = await tx
    .insert(idempotencyKeys)
    .values({ ...claim, createdAt: now })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  if (inserted.length > 0) return null;
  return keptResponse(tx, claim);
}

/** The answer that a key already has, or null. */
export async function keptResponse(tx: Tx, claim: IdempotencyKey): Promise<StoredResponse | null> {
  const [kept] = await tx.select().from(idempotencyKeys).where(sameKey(claim));
  if (kept === undefined) return null;
  if (kept.bodyDigest !== claim.bodyDigest) throw fault("http.idempotency_mismatch");
  return kept.response;
}

export async function keepResponse(tx: Tx, claim: IdempotencyKey, response: StoredResponse): Promise<void> {
  await tx.update(idempotencyKeys).set({ response }).where(sameKey(claim));
}

/** Keys are promised for a day and kept a little longer. */
export async function forgetKeysBefore(tx: Tx, before: Date): Promise<void> {
  await tx.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, before));
}

function sameKey(claim: IdempotencyKey) {
  return and(eq(idempotencyKeys.accountId, claim.accountId), eq(idempotencyKeys.key, claim.key));
}
