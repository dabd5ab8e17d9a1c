import { and, asc, eq, gt, inArray, ne, type SQL } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { findings } from "../db/schema/sync.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, type FindingId, knownId } from "../kernel/ids.ts";
import type { FindingKind, FindingStatus } from "./finding.ts";

export type FindingRow = typeof findings.$inferSelect;

export interface FindingFilters {
  readonly cloudId?: string | undefined;
  readonly kind?: FindingKind | undefined;
  readonly status?: FindingStatus | undefined;
}

const SCOPED = { cloudId: findings.cloudId };

/** In the order in which they were found. */
export async function listInScope(
  tx: Tx,
  scope: Scope,
  filters: FindingFilters,
  after: string,
  limit: number,
): Promise<FindingRow[]> {
  const conditions: SQL[] = [inScope(scope, SCOPED), gt(findings.id, knownId<FindingId>(after))];
  if (filters.cloudId) conditions.push(eq(findings.cloudId, knownId<CloudId>(filters.cloudId)));
  if (filters.kind) conditions.push(eq(findings.kind, filters.kind));
  if (filters.status) conditions.push(eq(findings.status, filters.status));
  return tx
    .select()
    .from(findings)
    .where(and(...conditions))
    .orderBy(asc(findings.id))
    .limit(limit + 1);
}

/** One finding that the caller may see, locked where it is about to change; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string, lock = false): Promise<FindingRow> {
  const query = tx
    .select()
    .from(findings)
    .where(and(eq(findings.id, knownId<FindingId>(id)), inScope(scope, SCOPED)));
  const [row] = lock ? await query.for("update") : await query;
  if (row === undefined) throw fault("http.not_found");
  return row;
}

/** Everything about a cloud that is not resolved, locked. */
export async function lockUnresolved(tx: Tx, cloudId: CloudId): Promise<FindingRow[]> {
  return tx
    .select()
    .from(findings)
    .where(and(eq(findings.cloudId, cloudId), ne(findings.status, "resolved")))
    .orderBy(asc(findings.id))
    .for("update");
}

export async function removalsOrdered(tx: Tx, cloudId: CloudId): Promise<FindingRow[]> {
  return tx
    .select()
    .from(findings)
    .where(and(eq(findings.cloudId, cloudId), eq(findings.status, "removing")));
}

export async function insertFindings(tx: Tx, rows: readonly FindingRow[]): Promise<void> {
  if (rows.length > 0) await tx.insert(findings).values([...rows]);
}

export async function saveFinding(tx: Tx, row: FindingRow): Promise<void> {
  await tx.update(findings).set(row).where(eq(findings.id, row.id));
}

export async function seenAgain(tx: Tx, ids: readonly FindingId[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(findings)
    .set({ lastSeenAt: now })
    .where(inArray(findings.id, [...ids]));
}
