import type { App } from "../context.ts";
import { MINUTE_MS, plus } from "../kernel/clock.ts";
import { tenanciesToObserve, unconvergedTenancies } from "./rows.ts";

const BATCH_MAX = 200;

/** How old a look at a cloud may be before it is taken again, to find what changed behind our back. */
const OBSERVE_EVERY_MS = 5 * MINUTE_MS;

/** Wakes up what has not converged: after a crash, after a lost job, after a cloud that was away. */
export async function sweepUnconverged(app: App): Promise<number> {
  return wake(app, (tx) => unconvergedTenancies(tx, BATCH_MAX));
}

/** Looks at live tenancies again, so that drift is found and repaired. */
export async function sweepDrift(app: App, olderThanMs = OBSERVE_EVERY_MS): Promise<number> {
  return wake(app, (tx) => tenanciesToObserve(tx, plus(app.clock.now(), -olderThanMs), BATCH_MAX));
}

async function wake(app: App, find: (tx: Parameters<typeof unconvergedTenancies>[0]) => Promise<string[]>) {
  return app.db.withTx(async (tx) => {
    const ids = await find(tx);
    for (const id of ids) await app.queue.wake(tx, "tenancy.reconcile", id);
    return ids.length;
  });
}
