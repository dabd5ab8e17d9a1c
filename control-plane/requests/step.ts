import type { AuditAction } from "../audit/actions.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { releaseHold } from "../quota/ledger.ts";
import type { Outcome } from "../verb.ts";
import { dueAt } from "./clocks.ts";
import { type LifeStatus, transition } from "./lifecycle.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { getInScope, type RequestRow, saveRequest } from "./store.ts";
import { type FullView, viewOf } from "./view.ts";

interface Step {
  readonly id: string;
  readonly to: LifeStatus;
  readonly action: AuditAction;
  readonly reason?: string | undefined;
  readonly ifMatch?: number | undefined;
  /** A step that ends the request gives back what it holds. */
  readonly releases?: boolean;
}

/** One step of the life cycle by a person: along the table, on the row the person has seen. */
export async function step(tx: Tx, ctx: Ctx, { id, to, action, reason, ifMatch, releases }: Step) {
  const before = await lockSeen(tx, ctx, id, ifMatch);
  const status = transition(before.status, to);
  if (releases && before.holdId !== null) await releaseHold(tx, ctx, before.holdId);
  const now = ctx.clock.now();
  const change = { status, reason: reason ?? before.reason, dueAt: dueAt(status, now, ctx.config) };
  const after = await saveRequest(tx, before, change, now);
  const outcome: Outcome<FullView> = {
    result: await viewOf(tx, after, ctx.clock.now()),
    audit: requestAudit(action, before, after),
    events: [requestEvent(after)],
  };
  return outcome;
}

/** The row under lock, if it is still the one that the caller has read. */
export async function lockSeen(
  tx: Tx,
  ctx: Ctx,
  id: string,
  ifMatch: number | undefined,
): Promise<RequestRow> {
  const row = await getInScope(tx, ctx.scope, id, true);
  if (ifMatch !== undefined && ifMatch !== row.generation) {
    throw fault("http.precondition_failed", { generation: row.generation });
  }
  return row;
}
