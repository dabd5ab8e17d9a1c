import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { publish } from "../events/publish.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { OverLimitId } from "../kernel/ids.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { lockChain, lockRoom } from "../quota/store.ts";
import { caseAudit, caseEvents } from "./case-record.ts";
import { closeCase, overOf } from "./close.ts";
import { excessOfPool } from "./excess.ts";
import { dueNotice } from "./notices.ts";
import { lockOpenCase, openAfter, saveCase, setFrozen } from "./rows.ts";
import type { OverLimitRow } from "./store.ts";

const BATCH_MAX = 100;

/**
 * Looks after open cases: closes those that are back under their limit, gives the notices of a grace period,
 * and freezes growth at its end. Each case in its own transaction, so that one cannot hold up the rest.
 */
export async function reviewOverLimits(app: App): Promise<number> {
  let reviewed = 0;
  let after: OverLimitId | null = null;
  for (;;) {
    const from: OverLimitId | null = after;
    const rows: OverLimitRow[] = await app.db.withTx((tx) => openAfter(tx, from, BATCH_MAX));
    for (const row of rows) {
      try {
        await app.db.withTx((tx) => review(tx, app, row));
        reviewed += 1;
      } catch (error) {
        app.log.warn({ err: error, overLimitId: row.id }, "a case of a lowered limit could not be reviewed");
      }
    }
    after = rows.at(-1)?.id ?? null;
    if (rows.length < BATCH_MAX) return reviewed;
  }
}

/** Locks what the case is about before the case itself, as whoever lowers a limit does. */
async function review(tx: Tx, app: App, seen: OverLimitRow): Promise<void> {
  const over = await overNow(tx, app, seen);
  const row = await lockOpenCase(tx, seen.id);
  if (row === undefined) return;
  const step = await nextStep(tx, app, row, over);
  if (step === null) return;
  await record(tx, { ...systemCaller(row.id), clock: app.clock, ids: app.ids }, step.audit);
  await publish(tx, app, step.events);
}

/** 0 where the node or the pool is no longer there. */
async function overNow(tx: Tx, app: App, row: OverLimitRow): Promise<number> {
  if (row.nodeId !== null) {
    const chain = await lockChain(tx, row.nodeId, row.resourceClass);
    return chain === null ? 0 : overOf(chain[0], row);
  }
  if (row.poolId === null) return 0;
  const today = chinaDate(app.clock.now());
  const settings = { today, retentionDays: app.config.RETENTION_DAYS };
  const room = await lockRoom(tx, row.poolId, row.resourceClass, settings);
  return room === null ? 0 : (excessOfPool(room, today)?.missing ?? 0);
}

async function nextStep(tx: Tx, app: App, row: OverLimitRow, over: number) {
  if (over <= 0) return closeCase(tx, app, row);
  const now = app.clock.now();
  const { until, phase, notices, since } = row;
  const notice = phase === "grace" && until !== null ? dueNotice(until, since, notices, now) : null;
  if (phase === "grace" && until !== null && until <= now) {
    await setFrozen(tx, row, true);
    const told = [...notices, { at: now.toISOString(), daysLeft: 0 }];
    const after = await saveCase(tx, row, { phase: "frozen", over, notices: told });
    return { audit: [caseAudit("over_limit.freeze", row, after)], events: await caseEvents(tx, after) };
  }
  if (notice !== null) {
    const after = await saveCase(tx, row, { over, notices: [...notices, notice] });
    return { audit: [caseAudit("over_limit.notice", row, after)], events: await caseEvents(tx, after) };
  }
  // What has been given back does not come again.
  if (over < row.over) await saveCase(tx, row, { over });
  return null;
}
