import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type OperationRow, saveOperation } from "./rows.ts";

/** Sends a failed operation on its way again: it goes on from what the clouds show, not from where it stopped. */
export async function retryOperation(
  tx: Tx,
  ctx: Pick<Ctx, "clock" | "queue">,
  failed: OperationRow,
): Promise<OperationRow> {
  if (failed.status !== "failed") throw fault("operation.not_retryable", { status: failed.status });
  const pending = await saveOperation(tx, failed, { status: "pending", error: null }, ctx.clock.now());
  await ctx.queue.enqueue(tx, "tenancy.reconcile", failed.tenancyId);
  return pending;
}
