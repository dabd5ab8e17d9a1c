import { Gauge, type Registry } from "prom-client";
import type { App } from "../context.ts";
import { measures } from "./measure-rows.ts";

/** What is known of each cloud, for every process alike: workers find it out and have no address to be scraped at. */
export interface CloudGauges {
  readonly degraded: Gauge<"cloud">;
  readonly syncAge: Gauge<"cloud">;
  readonly syncFailing: Gauge<"cloud">;
  readonly drifted: Gauge<"cloud">;
  readonly findings: Gauge<"cloud" | "kind">;
}

export function cloudGauges(registry: Registry): CloudGauges {
  const registers = [registry];
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  return {
    degraded: gauge("yunheng_cloud_degraded", "1 where the last probe of the cloud got no answer", ["cloud"]),
    syncAge: gauge("yunheng_cloud_sync_age_seconds", "Since the cloud was last looked through as a whole", [
      "cloud",
    ]),
    syncFailing: gauge("yunheng_cloud_sync_failing", "1 where the last look at the cloud failed", ["cloud"]),
    drifted: gauge("yunheng_cloud_drifted_placements", "Placements that differ from what is desired", [
      "cloud",
    ]),
    findings: gauge("yunheng_cloud_findings", "Findings that nobody has decided about", ["cloud", "kind"]),
  };
}

/** Sets the gauges to what is on record; a cloud that is gone has no series any more. */
export async function measureClouds(
  { db, clock }: Pick<App, "db" | "clock">,
  gauges: CloudGauges,
): Promise<void> {
  const { clouds, findings } = await db.read(measures);
  for (const gauge of Object.values(gauges)) gauge.reset();
  for (const { cloud, reachable, lookedAt, problem, drifted } of clouds) {
    gauges.degraded.set({ cloud }, reachable ? 0 : 1);
    gauges.syncFailing.set({ cloud }, problem === null ? 0 : 1);
    gauges.drifted.set({ cloud }, drifted);
    // What nobody has tried to look at yet has no age.
    if (lookedAt !== null) gauges.syncAge.set({ cloud }, (clock.now().getTime() - lookedAt.getTime()) / 1000);
  }
  for (const { cloud, kind, open } of findings) gauges.findings.set({ cloud, kind }, open);
}
