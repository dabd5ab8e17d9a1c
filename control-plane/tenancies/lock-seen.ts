import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { getInScope, type TenancyRow } from "./store.ts";

/** The row under lock, if it is still the one that the caller has read. */
export async function lockSeen(
  tx: Tx,
  ctx: Ctx,
  id: string,
  ifMatch: number | undefined,
): Promise<TenancyRow> {
  const row = await getInScope(tx, ctx.scope, id, true);
  if (ifMatch !== undefined && ifMatch !== row.generation) {
    throw fault("http.precondition_failed", { generation: row.generation });
  }
  return row;
}
