import { asc, desc, eq, notExists, type SQL, sql } from "drizzle-orm";
import { auditCheckpoints, auditEntries, auditSeals } from "../db/schema/audit.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { type AuditEntryId, knownId } from "../kernel/ids.ts";
import type { AuditEntry, Checkpoint, Seal } from "./chain.ts";
import { type CheckpointRow, entryOf } from "./rows.ts";

/** One key for all workers: only one of them seals at a time. */
const SEAL_LOCK = 7_260_612;

/** False where another worker is sealing; held to the end of the transaction. */
export async function trySealLock(tx: Tx): Promise<boolean> {
  const [row] = await queryRows(tx, sql`SELECT pg_try_advisory_xact_lock(${SEAL_LOCK}) AS taken`);
  return row?.taken === true;
}

/** The end of the chain, with the place of its entry in the order of sealing. */
export interface ChainEnd {
  readonly seal: Seal;
  readonly transactionId: string;
  /** Its transaction is of another server: the database was restored from a dump. */
  readonly isForeign: boolean;
}

export async function chainEnd(tx: Tx): Promise<ChainEnd | null> {
  const [row] = await tx
    .select({ seal: auditSeals, transactionId: auditEntries.transactionId, isForeign: FOREIGN })
    .from(auditSeals)
    .innerJoin(auditEntries, eq(auditEntries.id, auditSeals.entryId))
    .orderBy(desc(auditSeals.seq))
    .limit(1);
  return row ?? null;
}

const TRANSACTION = auditEntries.transactionId;
/** Nothing older than the oldest open transaction can still appear. */
const SETTLED = sql`${TRANSACTION} < pg_snapshot_xmin(pg_current_snapshot())`;
/** Visible and not our own, although this server has not yet come to its transaction. */
const FOREIGN = sql<boolean>`(${TRANSACTION} >= pg_snapshot_xmax(pg_current_snapshot())
  AND ${TRANSACTION} IS DISTINCT FROM pg_current_xact_id_if_assigned())`;

/** Settled entries behind the end of the chain, in the order of their transactions. */
export async function entriesAfter(tx: Tx, end: ChainEnd, limit: number): Promise<AuditEntry[]> {
  const later = sql`(${TRANSACTION}, ${auditEntries.id}) > (${end.transactionId}::xid8, ${end.seal.entryId})`;
  return entriesWhere(tx, sql`${later} AND ${SETTLED}`, [], limit);
}

/**
 * Every settled entry that has no seal, wherever it stands. Transaction ids begin anew on another server,
 * so that after a restore the order alone would pass over entries; those of the former server come first.
 */
export async function entriesWithoutSeal(tx: Tx, limit: number): Promise<AuditEntry[]> {
  const sealed = tx.select({ one: sql`1` }).from(auditSeals).where(eq(auditSeals.entryId, auditEntries.id));
  return entriesWhere(tx, sql`${notExists(sealed)} AND (${SETTLED} OR ${FOREIGN})`, [desc(FOREIGN)], limit);
}

async function entriesWhere(tx: Tx, condition: SQL, first: SQL[], limit: number): Promise<AuditEntry[]> {
  const rows = await tx
    .select()
    .from(auditEntries)
    .where(condition)
    .orderBy(...first, asc(TRANSACTION), asc(auditEntries.id))
    .limit(limit);
  return rows.map(entryOf);
}

export async function insertSeals(tx: Tx, seals: readonly Seal[]): Promise<void> {
  await tx
    .insert(auditSeals)
    .values(seals.map((seal) => ({ ...seal, entryId: knownId<AuditEntryId>(seal.entryId) })));
}

export async function lastCheckpoint(tx: Tx): Promise<CheckpointRow | undefined> {
  const [row] = await tx.select().from(auditCheckpoints).orderBy(desc(auditCheckpoints.seq)).limit(1);
  return row;
}

export async function insertCheckpoint(tx: Tx, checkpoint: Checkpoint, publicKey: string): Promise<void> {
  await tx
    .insert(auditCheckpoints)
    .values({ ...checkpoint, publicKey, sealedAt: new Date(checkpoint.sealedAt) });
}
