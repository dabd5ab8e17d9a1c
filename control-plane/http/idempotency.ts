import { and, eq, lt, sql } from "drizzle-orm";
import { idempotencyKeys } from "../db/schema/requests.ts";
import { queryRows, sendAhead, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { digestOf } from "../kernel/hash.ts";
import type { AccountId } from "../kernel/ids.ts";

export interface StoredResponse {
  readonly status: number;
  /** JSON text, made once; a database would put its fields into another order. May refer to shared texts. */
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** A key as its caller stated it. */
export interface CallersKey {
  readonly accountId: AccountId;
  readonly key: string;
  /** Method and path. */
  readonly call: string;
}

export interface IdempotencyKey {
  readonly accountId: AccountId;
  readonly key: string;
  /** Digest of method, path and input: the same key with another one is a mistake of the caller. */
  readonly bodyDigest: string;
}

/** Only of input that has been checked: a digest does not exist for every JSON text, such as 1e400 or half a surrogate pair. */
export function keyFor({ accountId, key, call }: CallersKey, input: unknown): IdempotencyKey {
  return { accountId, key, bodyDigest: digestOf([call, input]) };
}

/**
 * Claims keys inside the transaction of the work itself, so that work and answer are kept together or not at all.
 * A second caller with the same key waits here for the first one's commit and then gets its answer. Says of each
 * key what it was answered with, null where it is the caller's now, and throws away nobody else's for one mismatch.
 */
export async function claimKeys(
  tx: Tx,
  claims: readonly IdempotencyKey[],
  now: Date,
): Promise<PromiseSettledResult<StoredResponse | null>[]> {
  if (claims.length === 0) return [];
  const column = (read: (claim: IdempotencyKey) => string) => sql.param(claims.map(read));
  const accountIds = column((claim) => claim.accountId);
  const keys = column((claim) => claim.key);
  // In one order everywhere, here and below, so that two who claim several never wait for each other in a circle.
  const inserted = await queryRows(
    tx,
    sql`INSERT INTO idempotency_keys (account_id, key, body_digest, created_at)
        SELECT account_id, key, body_digest, ${now.toISOString()}::timestamptz
          FROM unnest(${accountIds}::text[], ${keys}::text[], ${column((claim) => claim.bodyDigest)}::text[])
               AS claim (account_id, key, body_digest)
         ORDER BY account_id, key
        ON CONFLICT DO NOTHING RETURNING account_id, key`,
  );
  const ours = new Set(inserted.map((row) => nameOf(String(row.account_id), String(row.key))));
  if (ours.size === claims.length) return claims.map(() => ({ status: "fulfilled", value: null }));
  // A refusal leaves its key without an answer: those who try again with it do so one after the other.
  const kept = await tx
    .select()
    .from(idempotencyKeys)
    .where(
      sql`(${idempotencyKeys.accountId}, ${idempotencyKeys.key}) IN
          (SELECT * FROM unnest(${accountIds}::text[], ${keys}::text[]))`,
    )
    .orderBy(idempotencyKeys.accountId, idempotencyKeys.key)
    .for("update");
  const known = new Map(kept.map((row) => [nameOf(row.accountId, row.key), row]));
  return claims.map((claim) => {
    const name = nameOf(claim.accountId, claim.key);
    const row = ours.has(name) ? undefined : known.get(name);
    try {
      return { status: "fulfilled", value: answerIn(claim, row) };
    } catch (reason) {
      return { status: "rejected", reason };
    }
  });
}

/** Two callers may choose the same key; an account's id has no space in it. */
export function nameOf(accountId: string, key: string): string {
  return `${accountId} ${key}`;
}

/** The answer that a key already has, or null. */
export async function keptResponse(tx: Tx, claim: IdempotencyKey): Promise<StoredResponse | null> {
  const [row] = await tx.select().from(idempotencyKeys).where(sameKey(claim));
  return answerIn(claim, row);
}

function answerIn(
  claim: IdempotencyKey,
  kept: { bodyDigest: string; response: StoredResponse | null } | undefined,
): StoredResponse | null {
  if (kept === undefined) return null;
  if (kept.bodyDigest !== claim.bodyDigest) throw fault("http.idempotency_mismatch");
  return kept.response;
}

export interface Answered {
  readonly claim: IdempotencyKey;
  readonly response: StoredResponse;
}

/** Keeps the answers of keys that were claimed in this transaction. */
export function keepResponses(tx: Tx, answers: readonly Answered[]): void {
  if (answers.length === 0) return;
  const column = (read: (one: Answered) => string) => sql.param(answers.map(read));
  sendAhead(
    tx,
    tx.execute(sql`
      UPDATE idempotency_keys SET response = answer.response::jsonb
        FROM unnest(${column(({ claim }) => claim.accountId)}::text[], ${column(({ claim }) => claim.key)}::text[],
                    ${column(({ response }) => JSON.stringify(response))}::text[]) AS answer (account_id, key, response)
       WHERE idempotency_keys.account_id = answer.account_id AND idempotency_keys.key = answer.key`),
  );
}

/** Gives keys back whose call came to nothing, while others of the same transaction stay. */
export function forgetKeys(tx: Tx, claims: readonly IdempotencyKey[]): void {
  for (const claim of claims) sendAhead(tx, tx.delete(idempotencyKeys).where(sameKey(claim)));
}

/** Keys are promised for a day and kept a little longer. */
export async function forgetKeysBefore(tx: Tx, before: Date): Promise<void> {
  await tx.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, before));
}

function sameKey(claim: IdempotencyKey) {
  return and(eq(idempotencyKeys.accountId, claim.accountId), eq(idempotencyKeys.key, claim.key));
}
