import { setTimeout as pause } from "node:timers/promises";
import type { App } from "../context.ts";
import type { Metrics } from "../http/metrics.ts";
import type { JobQueue } from "../jobs/queue.ts";
import type { Clouds } from "./clouds.ts";
import { setAside } from "./failure.ts";
import { reconcileTenancy } from "./reconcile.ts";

/** Tenancies that one worker looks after at the same time. */
const CONCURRENCY = 4;

interface Worker {
  readonly queue: JobQueue;
  readonly clouds: Clouds;
  readonly metrics: Metrics;
  readonly stopping: AbortSignal;
}

/** Takes reconcile jobs from the queue; what fails too often is set aside and shown as failed. */
export async function workOnTenancies(app: App, { queue, clouds, metrics, stopping }: Worker): Promise<void> {
  await queue.work("tenancy.reconcile", CONCURRENCY, async (key, { last }) => {
    try {
      await reconcileTenancy(app, key, { clouds, pause, stopping });
      metrics.jobs.inc({ kind: "tenancy.reconcile", outcome: "done" });
    } catch (error) {
      metrics.jobs.inc({ kind: "tenancy.reconcile", outcome: last ? "set_aside" : "repeated" });
      if (last) await setAside(app, key);
      throw error;
    }
  });
}
