import { asc, eq, gt } from "drizzle-orm";
import { cloudCredentials } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import type { CloudId } from "../kernel/ids.ts";

export type CredentialRow = typeof cloudCredentials.$inferSelect;

export async function findCredential(
  tx: Tx,
  cloudId: CloudId,
  lock = false,
): Promise<CredentialRow | undefined> {
  const query = tx.select().from(cloudCredentials).where(eq(cloudCredentials.cloudId, cloudId));
  const [row] = lock ? await query.for("update") : await query;
  return row;
}

/** A batch in the order of the clouds, locked: for sealing them anew. */
export async function credentialsAfter(tx: Tx, after: string, limit: number): Promise<CredentialRow[]> {
  return tx
    .select()
    .from(cloudCredentials)
    .where(gt(cloudCredentials.cloudId, after as CloudId))
    .orderBy(asc(cloudCredentials.cloudId))
    .limit(limit)
    .for("update");
}

export async function saveCredential(tx: Tx, row: CredentialRow): Promise<void> {
  await tx
    .insert(cloudCredentials)
    .values(row)
    .onConflictDoUpdate({ target: cloudCredentials.cloudId, set: row });
}

export async function deleteCredential(tx: Tx, cloudId: CloudId): Promise<void> {
  await tx.delete(cloudCredentials).where(eq(cloudCredentials.cloudId, cloudId));
}

export async function markUsed(tx: Tx, cloudId: CloudId, now: Date): Promise<void> {
  await tx.update(cloudCredentials).set({ lastUsedAt: now }).where(eq(cloudCredentials.cloudId, cloudId));
}
