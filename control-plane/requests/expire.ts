import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { releaseHold } from "../quota/ledger.ts";
import { mayBecome } from "./lifecycle.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { lockRequest, requestsWithDueHold, saveRequest } from "./store.ts";

const BATCH_MAX = 100;

/** Ends undecided requests whose hold has run out, so that nobody waits for what nobody decides. */
export async function expireRequests(app: App): Promise<number> {
  const due = await app.db.withTx((tx) => requestsWithDueHold(tx, app.clock.now(), BATCH_MAX));
  for (const id of due) {
    await app.db.withTx(async (tx) => {
      const before = await lockRequest(tx, id);
      if (!mayBecome(before.status, "expired") || before.holdId === null) return;
      if (!(await releaseHold(tx, app, before.holdId, "expire"))) return;
      const change = { status: "expired" as const, reason: "hold expired", dueAt: null };
      const after = await saveRequest(tx, before, change, app.clock.now());
      const caller = { ...systemCaller(id), clock: app.clock, ids: app.ids };
      await record(tx, caller, [requestAudit("request.expire", before, after)]);
      await publish(tx, app, [requestEvent(after)]);
    });
  }
  return due.length;
}
