import { and, asc, count, eq, inArray, isNull, sql } from "drizzle-orm";
import { cloudSyncs, findings } from "../db/schema/sync.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import { cloudCredentials, clouds } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { SiteRecord } from "./site-facts.ts";

/** What is known of every cloud as a whole. Of a credential only its fields' names and its day. */
export async function loadSites(tx: Tx): Promise<SiteRecord[]> {
  const rows = await tx
    .select({
      cloudId: clouds.id,
      kind: clouds.providerKind,
      connection: clouds.connection,
      reachable: clouds.reachable,
      syncedAt: cloudSyncs.syncedAt,
      fields: cloudCredentials.fields,
      setAt: cloudCredentials.setAt,
    })
    .from(clouds)
    .leftJoin(cloudSyncs, eq(cloudSyncs.cloudId, clouds.id))
    .leftJoin(cloudCredentials, eq(cloudCredentials.cloudId, clouds.id))
    .orderBy(asc(clouds.id));
  const strays = await straysByCloud(tx);
  const removals = await removalsByCloud(tx);
  return rows.map(({ syncedAt, fields, setAt, ...row }) => ({
    ...row,
    syncedOn: syncedAt === null ? null : chinaDate(syncedAt),
    credential: fields === null || setAt === null ? null : { fields, setOn: chinaDate(setAt) },
    strays: strays.get(row.cloudId) ?? 0,
    removalsWithoutReceipt: removals.get(row.cloudId) ?? 0,
  }));
}

/** What somebody has looked at and let be is not a stray any more. */
async function straysByCloud(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx
    .select({ cloudId: findings.cloudId, count: count() })
    .from(findings)
    .where(eq(findings.status, "open"))
    .groupBy(findings.cloudId);
  return new Map(rows.map((row) => [row.cloudId, row.count]));
}

async function removalsByCloud(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx
    .select({ cloudId: placements.cloudId, count: count() })
    .from(placements)
    .innerJoin(tenancies, eq(tenancies.id, placements.tenancyId))
    .where(
      and(
        inArray(tenancies.status, ["wiped", "closed"]),
        // One that was given back before it was built has left nothing to wipe.
        sql`${placements.desired}->>'state' = 'absent'`,
        isNull(placements.wipeReceipt),
      ),
    )
    .groupBy(placements.cloudId);
  return new Map(rows.map((row) => [row.cloudId, row.count]));
}
