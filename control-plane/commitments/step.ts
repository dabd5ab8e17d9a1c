import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { findRoom } from "./promise.ts";
import type { NoRoom } from "./room.ts";
import { type CommitmentRow, getInScope, lockCommitment } from "./store.ts";

interface Step {
  readonly id: string;
  readonly ifMatch?: number | undefined;
}

export interface SeenCommitment {
  readonly row: CommitmentRow;
  /** Of one that does not bind yet. */
  readonly noRoom: NoRoom | null;
}

/** The commitment under lock, after its inventory, if it is still the one that the caller has read. */
export async function lockSeen(tx: Tx, ctx: Ctx, { id, ifMatch }: Step): Promise<SeenCommitment> {
  const seen = await getInScope(tx, ctx.scope, id);
  const noRoom = await findRoom(tx, ctx, seen);
  const row = await lockCommitment(tx, seen.id);
  if (row === undefined) throw fault("http.not_found");
  if (ifMatch !== undefined && ifMatch !== row.generation) {
    throw fault("http.precondition_failed", { generation: row.generation });
  }
  return { row, noRoom };
}
