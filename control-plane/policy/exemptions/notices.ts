import { record } from "../../audit/record.ts";
import type { App } from "../../context.ts";
import { publish } from "../../events/publish.ts";
import { chinaDate, daysAfter, daysInclusive } from "../../kernel/calendar.ts";
import type { ExemptionId } from "../../kernel/ids.ts";
import { systemCaller } from "../../provisioning/settle.ts";
import { endingBy, lockFree, saveExemption } from "./rows.ts";
import { exemptionAudit, exemptionEvent } from "./view.ts";

/** So many days before the end somebody is told, and once more when it is over. */
const NOTICE_DAYS = [30, 7, 1, 0] as const;
const BATCH_MAX = 500;

/**
 * Tells of exemptions that end soon, and of those that have ended. Whether one is in force does not depend on it:
 * that follows from the clock alone. Resolves with how many notices were given.
 */
export async function giveNotices(app: App): Promise<number> {
  const today = chinaDate(app.clock.now());
  const due = await app.db.read((tx) => endingBy(tx, daysAfter(today, NOTICE_DAYS[0]), BATCH_MAX));
  let given = 0;
  for (const id of due) if (await giveNotice(app, id, today)) given += 1;
  return given;
}

function giveNotice(app: App, id: ExemptionId, today: string): Promise<boolean> {
  return app.db.withTx(async (tx) => {
    const row = await lockFree(tx, id);
    if (row?.status !== "approved") return false;
    const noticedDays = dueNotice(row.expiresOn, today);
    if (noticedDays === null || (row.noticedDays !== null && row.noticedDays <= noticedDays)) return false;
    const after = await saveExemption(tx, row, { noticedDays });
    const action = noticedDays === 0 ? ("exemption.expire" as const) : ("exemption.notice" as const);
    const caller = { ...systemCaller(id), clock: app.clock, ids: app.ids };
    await record(tx, caller, [exemptionAudit(action, row, after, { noticeDays: noticedDays })]);
    await publish(tx, app, [exemptionEvent(after, { noticeDays: noticedDays })]);
    return true;
  });
}

/** The nearest notice whose time has come; null where the end is far. */
function dueNotice(expiresOn: string, today: string): (typeof NOTICE_DAYS)[number] | null {
  // On its last day one day is left.
  const left = daysInclusive(today, expiresOn);
  return NOTICE_DAYS.findLast((days) => left <= days) ?? null;
}
