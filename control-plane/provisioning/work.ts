import { setTimeout as pause } from "node:timers/promises";
import type { App } from "../context.ts";
import type { Metrics } from "../http/metrics.ts";
import type { JobQueue } from "../jobs/queue.ts";
import { knownId, type TenancyId } from "../kernel/ids.ts";
import type { Clouds } from "./clouds.ts";
import { setAside } from "./failure.ts";
import { cloudLanes, LANES, laterAt } from "./lanes.ts";
import { reconcileTenancy } from "./reconcile.ts";
import { stationsOf } from "./rows.ts";

interface Worker {
  readonly queue: JobQueue;
  readonly clouds: Clouds;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
}

/**
 * Takes reconcile jobs from the queue, of each cloud a few at a time; what fails too often is set aside and shown as
 * failed.
 */
export function workOnTenancies(app: App, { queue, clouds, metrics, stopping }: Worker): void {
  const enter = cloudLanes();
  const counted = (outcome: "done" | "later" | "repeated" | "set_aside") =>
    metrics.jobs.inc({ kind: "tenancy.reconcile", outcome });
  queue.work("tenancy.reconcile", LANES, async (key, { last }) => {
    const stations = await app.db.read((tx) => stationsOf(tx, knownId<TenancyId>(key)));
    const leave = enter(stations);
    if (leave === null) {
      counted("later");
      return { afterSeconds: laterAt(stations) };
    }
    try {
      await reconcileTenancy(app, key, { clouds, pause, stopping });
      counted("done");
      return "done";
    } catch (error) {
      counted(last ? "set_aside" : "repeated");
      if (last) await setAside(app, key);
      throw error;
    } finally {
      leave();
    }
  });
}
