import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { publish } from "../events/publish.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { boundStatus, findRoom, remark } from "./promise.ts";
import type { NoRoom } from "./room.ts";
import { type CommitmentRow, dueCommitments, lockCommitment, saveCommitment } from "./store.ts";
import { commitmentAudit, commitmentEvent } from "./view.ts";

const BATCH_MAX = 500;

/** Moves commitments on whose day has come; one that waits for room is tried again each time. */
export async function reviewCommitments(app: App): Promise<number> {
  const today = chinaDate(app.clock.now());
  const due = await app.db.withTx((tx) => dueCommitments(tx, today, BATCH_MAX));
  let moved = 0;
  for (const seen of due) {
    try {
      if (await app.db.withTx((tx) => review(tx, app, seen))) moved += 1;
    } catch (error) {
      app.log.warn({ err: error, commitmentId: seen.id }, "a commitment could not be moved on");
    }
  }
  return moved;
}

async function review(tx: Tx, app: App, seen: CommitmentRow): Promise<boolean> {
  const noRoom = await findRoom(tx, app, seen);
  const row = await lockCommitment(tx, seen.id);
  if (row === undefined || row.generation !== seen.generation) return false;
  const now = app.clock.now();
  const status = nextStatus(row, chinaDate(now), noRoom);
  if (status === row.status) return false;
  const binds = status === "guaranteed" || status === "confirmed";
  const after = await saveCommitment(tx, row, {
    status,
    confirmedAt: binds ? (row.confirmedAt ?? now) : row.confirmedAt,
    endedAt: status === "expired" ? now : null,
  });
  await remark(tx, after);
  const caller = { ...systemCaller(row.id), clock: app.clock, ids: app.ids };
  await record(tx, caller, [commitmentAudit("commitment.move", row, after)]);
  await publish(tx, app, [commitmentEvent(after)]);
  return true;
}

/** Where the calendar leads; what binds is not asked again whether there is room. */
function nextStatus(
  {
    status,
    confirmBy,
    start,
    expiresAt,
  }: Pick<CommitmentRow, "status" | "confirmBy" | "start" | "expiresAt">,
  today: string,
  noRoom: NoRoom | null,
): CommitmentRow["status"] {
  if (status === "expired" || expiresAt <= today) return "expired";
  if (status === "guaranteed" || status === "confirmed") return boundStatus({ start }, today);
  if (confirmBy > today) return status;
  return noRoom === null ? boundStatus({ start }, today) : "pending";
}
