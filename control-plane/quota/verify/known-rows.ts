import { sql } from "drizzle-orm";
import type { AuditAction } from "../../audit/actions.ts";
import { queryRows, type Tx } from "../../db/tx.ts";

/** Two workers that look at once must not both report what they found. */
const REPORT_LOCK = 7_260_614;

export const BROKEN = "ledger.broken" satisfies AuditAction;
export const RESTORED = "ledger.restored" satisfies AuditAction;
export const TARGET_TYPE = "invariant";

export async function lockKnown(tx: Tx): Promise<ReadonlySet<string>> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${REPORT_LOCK})`);
  return knownBroken(tx);
}

/** Names of the invariants that are broken as far as the audit log knows: its last word on each. */
export async function knownBroken(tx: Tx): Promise<ReadonlySet<string>> {
  const rows = await queryRows(
    tx,
    sql`SELECT target_id FROM (
          SELECT DISTINCT ON (target_id) target_id, action FROM audit_entries
           WHERE target_type = ${TARGET_TYPE} AND action IN (${BROKEN}, ${RESTORED})
           ORDER BY target_id, transaction_id DESC, id DESC
        ) last WHERE action = ${BROKEN}`,
  );
  return new Set(rows.map((row) => String(row.target_id)));
}
