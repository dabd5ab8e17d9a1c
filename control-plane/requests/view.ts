import type { Tx } from "../db/tx.ts";
import { approvalsOf, holdOf, type RequestRow } from "./store.ts";
import { requestView } from "./wire.ts";

/** A request with everything that belongs to it, as the API answers it. */
export async function viewOf(tx: Tx, row: RequestRow, now: Date) {
  const hold = await holdOf(tx, row.holdId);
  const holdExpiresAt = hold?.state === "active" ? hold.expiresAt : null;
  return requestView(row, { approvals: await approvalsOf(tx, row.id), holdExpiresAt }, now);
}

export type FullView = Awaited<ReturnType<typeof viewOf>>;
