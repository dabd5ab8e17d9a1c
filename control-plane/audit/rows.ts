import { and, asc, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { newestInScope } from "../db/newest-in-scope.ts";
import { auditCheckpoints, auditEntries, auditSeals } from "../db/schema/audit.ts";
import { organizations } from "../db/schema/organizations.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type AuditEntryId, type CloudId, knownId, type OrganizationId } from "../kernel/ids.ts";
import type { AuditEntry, Seal } from "./chain.ts";
import type { AuditFilters } from "./wire.ts";

type EntryRow = typeof auditEntries.$inferSelect;
export type CheckpointRow = typeof auditCheckpoints.$inferSelect;

export interface FoundEntry {
  readonly entry: AuditEntry;
  /** Null until the entry is sealed. */
  readonly seal: Seal | null;
}

const LISTED = {
  table: auditEntries,
  id: auditEntries.id,
  organizationId: auditEntries.organizationId,
  cloudId: auditEntries.cloudId,
};

/** Newest first. */
export async function listEntries(
  tx: Tx,
  scope: Scope,
  filters: AuditFilters,
  before: string,
  limit: number,
): Promise<FoundEntry[]> {
  const conditions: SQL[] = [];
  if (before !== "") conditions.push(lt(auditEntries.id, knownId<AuditEntryId>(before)));
  if (filters.action) conditions.push(eq(auditEntries.action, filters.action));
  if (filters.targetType) conditions.push(eq(auditEntries.targetType, filters.targetType));
  if (filters.targetId) conditions.push(eq(auditEntries.targetId, filters.targetId));
  if (filters.organizationId) {
    conditions.push(eq(auditEntries.organizationId, knownId<OrganizationId>(filters.organizationId)));
  }
  if (filters.cloudId) conditions.push(eq(auditEntries.cloudId, knownId<CloudId>(filters.cloudId)));
  if (filters.accountId) conditions.push(sql`${auditEntries.actor} ->> 'accountId' = ${filters.accountId}`);
  if (filters.outcome) conditions.push(eq(auditEntries.outcome, filters.outcome));
  if (filters.from) conditions.push(gte(auditEntries.at, new Date(filters.from)));
  if (filters.to) conditions.push(lt(auditEntries.at, new Date(filters.to)));
  if (filters.requestId) conditions.push(eq(auditEntries.requestId, filters.requestId));
  const rows = await found(tx)
    .where(newestInScope(scope, LISTED, conditions, limit + 1))
    .orderBy(desc(auditEntries.id))
    .limit(limit + 1);
  return rows.map(foundOf);
}

export async function getEntryInScope(tx: Tx, scope: Scope, id: string): Promise<FoundEntry> {
  const [row] = await found(tx).where(and(eq(auditEntries.id, knownId<AuditEntryId>(id)), visible(scope)));
  if (row === undefined) throw fault("http.not_found");
  return foundOf(row);
}

/** Newest first; `before` is a row number of the chain. */
export async function listCheckpoints(
  tx: Tx,
  before: number | null,
  limit: number,
): Promise<CheckpointRow[]> {
  return tx
    .select()
    .from(auditCheckpoints)
    .where(before === null ? undefined : lt(auditCheckpoints.seq, before))
    .orderBy(desc(auditCheckpoints.seq))
    .limit(limit + 1);
}

function found(tx: Tx) {
  return tx
    .select({ entry: auditEntries, seal: auditSeals })
    .from(auditEntries)
    .leftJoin(auditSeals, eq(auditSeals.entryId, auditEntries.id))
    .leftJoin(organizations, eq(organizations.id, auditEntries.organizationId))
    .$dynamic();
}

function foundOf({ entry, seal }: { entry: EntryRow; seal: Seal | null }): FoundEntry {
  return { entry: entryOf(entry), seal };
}

function visible(scope: Scope): SQL {
  return inScope(scope, { organizationPath: organizations.path, cloudId: auditEntries.cloudId });
}

/** The one form in which a row is hashed, exported and shown. */
export function entryOf({ transactionId: _, at, ...row }: EntryRow): AuditEntry {
  return { ...row, at: at.toISOString() };
}

/** Entry and seal of a stretch of the chain, in its order. */
export async function sealedBetween(
  tx: Tx,
  after: number,
  last: number,
  limit: number,
): Promise<{ seal: Seal; entry: AuditEntry }[]> {
  const rows = await tx
    .select({ seal: auditSeals, entry: auditEntries })
    .from(auditSeals)
    .innerJoin(auditEntries, eq(auditEntries.id, auditSeals.entryId))
    .where(sql`${auditSeals.seq} > ${after} AND ${auditSeals.seq} <= ${last}`)
    .orderBy(asc(auditSeals.seq))
    .limit(limit);
  return rows.map(({ seal, entry }) => ({ seal, entry: entryOf(entry) }));
}

export async function checkpointsBetween(tx: Tx, first: number, last: number): Promise<CheckpointRow[]> {
  return tx
    .select()
    .from(auditCheckpoints)
    .where(sql`${auditCheckpoints.seq} BETWEEN ${first} AND ${last}`)
    .orderBy(asc(auditCheckpoints.seq));
}

/** Public keys by key id of the checkpoints of a stretch. */
export async function keysBetween(tx: Tx, first: number, last: number): Promise<Record<string, string>> {
  const rows = await tx
    .selectDistinct({ keyId: auditCheckpoints.keyId, publicKey: auditCheckpoints.publicKey })
    .from(auditCheckpoints)
    .where(sql`${auditCheckpoints.seq} BETWEEN ${first} AND ${last}`);
  return Object.fromEntries(rows.map(({ keyId, publicKey }) => [keyId, publicKey]));
}

export async function findSeal(tx: Tx, seq: number): Promise<Seal | undefined> {
  const [row] = await tx.select().from(auditSeals).where(eq(auditSeals.seq, seq));
  return row;
}

export async function lastSeal(tx: Tx): Promise<Seal | undefined> {
  const [row] = await tx.select().from(auditSeals).orderBy(desc(auditSeals.seq)).limit(1);
  return row;
}

/** First row at a time or later, last row at a time or before; null where there is none. */
export async function seqAround(tx: Tx, at: Date): Promise<{ first: number | null; last: number | null }> {
  const instant = at.toISOString();
  const [row] = await tx
    .select({
      first: sql<string | null>`min(${auditSeals.seq}) FILTER (WHERE ${auditEntries.at} >= ${instant})`,
      last: sql<string | null>`max(${auditSeals.seq}) FILTER (WHERE ${auditEntries.at} <= ${instant})`,
    })
    .from(auditSeals)
    .innerJoin(auditEntries, eq(auditEntries.id, auditSeals.entryId));
  const number = (value: string | null | undefined) => (value == null ? null : Number(value));
  return { first: number(row?.first), last: number(row?.last) };
}

/** The newest entry of a kind about an object, with its seal; undefined where there is none. */
export async function entryAbout(tx: Tx, action: string, targetId: string): Promise<FoundEntry | undefined> {
  const [row] = await found(tx)
    .where(and(eq(auditEntries.action, action), eq(auditEntries.targetId, targetId)))
    .orderBy(desc(auditEntries.id))
    .limit(1);
  return row === undefined ? undefined : foundOf(row);
}

/** The first checkpoint that covers a row of the chain. */
export async function checkpointCovering(tx: Tx, seq: number): Promise<CheckpointRow | undefined> {
  const [row] = await tx
    .select()
    .from(auditCheckpoints)
    .where(gte(auditCheckpoints.seq, seq))
    .orderBy(asc(auditCheckpoints.seq))
    .limit(1);
  return row;
}
