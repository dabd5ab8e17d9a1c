import { and, eq, inArray, sql } from "drizzle-orm";
import { insertRows } from "../db/insert-many.ts";
import { complianceFindingEvents, complianceFindings } from "../db/schema/compliance.ts";
import type { Tx } from "../db/tx.ts";
import type { ComplianceFindingId } from "../kernel/ids.ts";

export type ComplianceFindingRow = typeof complianceFindings.$inferSelect;

/** Everything that is known about some units, resolved or not, locked. */
export async function lockFindingsOf(tx: Tx, units: readonly string[]): Promise<ComplianceFindingRow[]> {
  if (units.length === 0) return [];
  return tx
    .select()
    .from(complianceFindings)
    .where(inArray(complianceFindings.unit, [...units]))
    .for("update");
}

export function insertFindings(tx: Tx, rows: readonly ComplianceFindingRow[]): void {
  insertRows(tx, complianceFindings, rows);
}

/** Appends what findings have become, for those who ask later how they were on a day. */
export function insertFindingEvents(
  tx: Tx,
  rows: readonly (typeof complianceFindingEvents.$inferInsert)[],
): void {
  insertRows(tx, complianceFindingEvents, rows);
}

/** Findings that an assessment found as they were: only the time is new. */
export async function seenAgain(tx: Tx, ids: readonly ComplianceFindingId[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(complianceFindings)
    .set({ lastSeenAt: at })
    .where(inArray(complianceFindings.id, [...ids]));
}

export async function saveFinding(tx: Tx, row: ComplianceFindingRow): Promise<void> {
  await tx.update(complianceFindings).set(row).where(eq(complianceFindings.id, row.id));
}

/** Units that have open findings and that a whole run has not met: they are gone. */
export async function unitsNotSeenSince(tx: Tx, at: Date, limit: number): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ unit: complianceFindings.unit })
    .from(complianceFindings)
    .where(
      and(
        sql`${complianceFindings.status} <> 'resolved'`,
        sql`${complianceFindings.lastSeenAt} < ${at.toISOString()}`,
      ),
    )
    .limit(limit);
  return rows.map(({ unit }) => unit);
}
