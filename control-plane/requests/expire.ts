import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { releaseHold } from "../quota/ledger.ts";
import { mayBecome } from "./lifecycle.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { lockRequest, requestsToExpire, saveRequest } from "./store.ts";

const BATCH_MAX = 100;

/**
 * Ends undecided requests whose hold has run out, so that nobody waits for what nobody decides. What holds
 * nothing, such as a renewal, gets the same time from its last step on.
 */
export async function expireRequests(app: App): Promise<number> {
  const now = app.clock.now();
  const untouchedSince = plus(now, -app.config.HOLD_DAYS * DAY_MS);
  const due = await app.db.withTx((tx) => requestsToExpire(tx, now, untouchedSince, BATCH_MAX));
  for (const id of due) {
    await app.db.withTx(async (tx) => {
      const before = await lockRequest(tx, id);
      // Somebody may have decided, or planned again, since the list was made.
      if (!mayBecome(before.status, "expired") || before.updatedAt > now) return;
      if (before.holdId !== null && !(await releaseHold(tx, app, before.holdId, "expire"))) return;
      const change = { status: "expired" as const, reason: "hold expired", dueAt: null };
      const after = await saveRequest(tx, before, change, app.clock.now());
      const caller = { ...systemCaller(id), clock: app.clock, ids: app.ids };
      await record(tx, caller, [requestAudit("request.expire", before, after)]);
      await publish(tx, app, [requestEvent(after)]);
    });
  }
  return due.length;
}
