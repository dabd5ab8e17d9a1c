import { sql } from "drizzle-orm";
import { vi } from "vitest";
import { sealAudit } from "../../control-plane/audit/seal.ts";
import type { SigningKey } from "../../control-plane/audit/signing-key.ts";
import type { App } from "../../control-plane/context.ts";
import { queryRows } from "../../control-plane/db/tx.ts";

/**
 * Seals everything that is committed. On a server that other tests share, an open transaction of theirs
 * holds the sealer back for a moment; this waits until none does.
 */
export async function sealCommitted(
  app: App,
  key: SigningKey,
  options: { readonly force?: boolean } = {},
): Promise<number> {
  await settledRows(app, "audit_entries");
  return sealAudit(app, key, options);
}

/** Waits until every committed row of the table lies below the oldest transaction that is still open on the server. */
export async function settledRows(app: App, table: "audit_entries" | "events"): Promise<void> {
  await vi.waitFor(
    async () => {
      const waiting = await app.db.withTx((tx) =>
        queryRows(
          tx,
          sql`SELECT id FROM ${sql.identifier(table)}, pg_current_snapshot() AS now
               WHERE transaction_id >= pg_snapshot_xmin(now) AND transaction_id < pg_snapshot_xmax(now)`,
        ),
      );
      if (waiting.length > 0) throw new Error(`${waiting.length} rows are not settled`);
    },
    { timeout: 20_000, interval: 20 },
  );
}
