import type { Tx } from "../db/tx.ts";
import type { CloudId } from "../kernel/ids.ts";
import { saveSync } from "./rows.ts";

/** Makes it the cloud's turn at the next round. */
export async function lookSoon(tx: Tx, cloudId: CloudId): Promise<void> {
  await saveSync(tx, cloudId, { attemptedAt: null });
}
