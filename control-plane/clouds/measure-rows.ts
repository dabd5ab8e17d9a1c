import { count, eq, sql } from "drizzle-orm";
import { cloudSyncs, findings } from "../db/schema/sync.ts";
import { placements } from "../db/schema/tenancies.ts";
import { clouds } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";

/** What is measured of every cloud: two statements, whatever the number of clouds and tenancies. */
export async function measures(tx: Tx) {
  const drifted = tx
    .select({ cloudId: placements.cloudId, drifted: count().as("drifted") })
    .from(placements)
    .where(sql`${placements.driftFields} > 0`)
    .groupBy(placements.cloudId)
    .as("drifted_placements");
  const rows = await tx
    .select({
      cloud: clouds.id,
      reachable: clouds.reachable,
      syncedAt: cloudSyncs.syncedAt,
      watchedSince: cloudSyncs.watchedSince,
      problem: cloudSyncs.problem,
      drifted: drifted.drifted,
    })
    .from(clouds)
    .leftJoin(cloudSyncs, eq(cloudSyncs.cloudId, clouds.id))
    .leftJoin(drifted, eq(drifted.cloudId, clouds.id));
  const open = await tx
    .select({ cloud: findings.cloudId, kind: findings.kind, open: count() })
    .from(findings)
    .where(eq(findings.status, "open"))
    .groupBy(findings.cloudId, findings.kind);
  return {
    clouds: rows.map(({ syncedAt, watchedSince, drifted: number, ...row }) => ({
      ...row,
      lookedAt: syncedAt ?? watchedSince,
      drifted: number ?? 0,
    })),
    findings: open,
  };
}
