import type { Tx } from "../db/tx.ts";
import { approvalsOf, holdOf, type RequestRow } from "./store.ts";
import { requestView } from "./wire.ts";

/** A request with everything that belongs to it, as the API answers it. */
export async function viewOf(tx: Tx, row: RequestRow, now: Date) {
  const hold = await holdOf(tx, row.holdId);
  const active = hold?.state === "active" ? hold : null;
  return requestView(row, { approvals: await approvalsOf(tx, row.id), hold: active }, now);
}

export type FullView = Awaited<ReturnType<typeof viewOf>>;
