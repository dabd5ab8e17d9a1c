import { and, asc, eq, inArray, ne, or, sql } from "drizzle-orm";
import type { PoolCapacity } from "../../providers/port.ts";
import { cloudSyncs, observedInventories } from "../db/schema/sync.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import { clouds, inventories, pools } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { type CloudId, knownId, type PoolId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { NAME_AT_CLOUD } from "../tenancies/store.ts";

export type SyncRow = typeof cloudSyncs.$inferSelect;

/** Every cloud with its last turn. */
export async function lastTurns(tx: Tx): Promise<{ cloudId: CloudId; attemptedAt: Date | null }[]> {
  return tx
    .select({ cloudId: clouds.id, attemptedAt: cloudSyncs.attemptedAt })
    .from(clouds)
    .leftJoin(cloudSyncs, eq(cloudSyncs.cloudId, clouds.id))
    .orderBy(asc(clouds.id));
}

/** False where another worker has taken the turn since. */
export async function takeTurn(tx: Tx, cloudId: CloudId, seen: Date | null, now: Date): Promise<boolean> {
  const taken = await tx
    .insert(cloudSyncs)
    .values({ cloudId, attemptedAt: now, watchedSince: now })
    .onConflictDoUpdate({
      target: cloudSyncs.cloudId,
      set: { attemptedAt: now },
      setWhere: sql`${cloudSyncs.attemptedAt} IS NOT DISTINCT FROM ${seen?.toISOString() ?? null}::timestamptz`,
    })
    .returning({ cloudId: cloudSyncs.cloudId });
  return taken.length > 0;
}

export async function saveSync(
  tx: Tx,
  cloudId: CloudId,
  change: Partial<Pick<SyncRow, "attemptedAt" | "syncedAt" | "tenancies">>,
): Promise<void> {
  await tx.update(cloudSyncs).set(change).where(eq(cloudSyncs.cloudId, cloudId));
}

/** Why the last look came to nothing, since the first of those that did in a row; null where it succeeded. */
export async function saveProblem(
  tx: Tx,
  cloudId: CloudId,
  problem: string | null,
  now: Date,
): Promise<void> {
  const problemSince =
    problem === null ? null : sql`coalesce(${cloudSyncs.problemSince}, ${now.toISOString()})`;
  await tx.update(cloudSyncs).set({ problem, problemSince }).where(eq(cloudSyncs.cloudId, cloudId));
}

export async function findSync(tx: Tx, cloudId: CloudId): Promise<SyncRow | undefined> {
  const [row] = await tx.select().from(cloudSyncs).where(eq(cloudSyncs.cloudId, cloudId));
  return row;
}

/** Names at the cloud of placements that explain what it shows: of living tenancies, and of those that ended since `begun`. */
export async function explainedNames(tx: Tx, cloudId: CloudId, begun: Date) {
  const rows = await tx
    .select({ name: NAME_AT_CLOUD })
    .from(placements)
    .innerJoin(tenancies, eq(tenancies.id, placements.tenancyId))
    .where(
      and(
        eq(placements.cloudId, cloudId),
        or(ne(tenancies.status, "closed"), sql`${tenancies.updatedAt} >= ${begun.toISOString()}`),
      ),
    );
  return rows.map(({ name }) => name);
}

/** Replaces what was seen of the cloud's pools; what it calls by a name that we do not know is left out. */
export async function saveCapacity(
  tx: Tx,
  cloudId: CloudId,
  capacity: readonly PoolCapacity[],
  now: Date,
): Promise<void> {
  const known = await tx.select({ id: pools.id }).from(pools).where(eq(pools.cloudId, cloudId));
  const ids = new Set<string>(known.map(({ id }) => id));
  await tx.delete(observedInventories).where(eq(observedInventories.cloudId, cloudId));
  const rows = capacity
    .filter(({ pool }) => ids.has(pool))
    .flatMap(({ pool, total, reserved, used }) =>
      RESOURCE_CLASSES.filter((name) => total[name] !== undefined).map((name) => ({
        poolId: knownId<PoolId>(pool),
        resourceClass: name,
        cloudId,
        total: total[name] ?? 0,
        reserved: reserved[name] ?? 0,
        used: used[name] ?? 0,
        observedAt: now,
      })),
    );
  if (rows.length > 0) await tx.insert(observedInventories).values(rows);
}

export async function poolGeneration(tx: Tx, id: PoolId): Promise<number> {
  const [row] = await tx.select({ generation: pools.generation }).from(pools).where(eq(pools.id, id));
  return row?.generation ?? 0;
}

/** What the documents give out beside what the cloud says it has. */
export async function declaredAndObserved(tx: Tx, cloudId: CloudId) {
  return tx
    .select({
      poolId: inventories.poolId,
      resourceClass: inventories.resourceClass,
      declared: { total: inventories.total, reserved: inventories.reserved, used: inventories.used },
      observed: {
        total: observedInventories.total,
        reserved: observedInventories.reserved,
        used: observedInventories.used,
      },
    })
    .from(inventories)
    .leftJoin(
      observedInventories,
      and(
        eq(observedInventories.poolId, inventories.poolId),
        eq(observedInventories.resourceClass, inventories.resourceClass),
      ),
    )
    .where(and(eq(inventories.cloudId, cloudId), inArray(inventories.resourceClass, [...RESOURCE_CLASSES])))
    .orderBy(asc(inventories.poolId), asc(inventories.resourceClass));
}
