import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { TenancyId } from "../kernel/ids.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { lockTenancy, tenanciesPastTerm } from "./store.ts";
import { switchTenancy } from "./suspension.ts";

const BATCH_MAX = 200;

/** Suspends what runs beyond its term, and says how much that was. Each tenancy on its own, so that one cannot hold up the rest. */
export async function expireTerms(app: App): Promise<number> {
  const today = chinaDate(app.clock.now());
  const ids = await app.db.withTx((tx) => tenanciesPastTerm(tx, today, BATCH_MAX));
  let expired = 0;
  for (const id of ids) {
    try {
      if (await expire(app, id, today)) expired += 1;
    } catch (error) {
      app.log.warn({ err: error, tenancyId: id }, "a tenancy past its term could not be suspended");
    }
  }
  return expired;
}

/** False where somebody else was first, or the term was renewed meanwhile. */
async function expire(app: App, id: TenancyId, today: string): Promise<boolean> {
  return app.db.withTx(async (tx) => {
    const before = await lockTenancy(tx, id);
    const runs = before?.status === "trial" || before?.status === "in_service";
    if (before === undefined || !runs || before.termEnd >= today) return false;
    const change = {
      to: "suspended",
      suspended: true,
      action: "tenancy.expired",
      reason: "term ended",
    } as const;
    const { audit, events } = await switchTenancy(tx, app, before, change);
    await record(tx, { ...systemCaller(id), clock: app.clock, ids: app.ids }, audit);
    await publish(tx, app, events);
    return true;
  });
}
