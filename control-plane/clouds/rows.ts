import { and, arrayContains, asc, eq, getTableColumns, gt, inArray, not, type SQL } from "drizzle-orm";
import { containsText } from "../db/contains-text.ts";
import { cloudSyncs } from "../db/schema/sync.ts";
import { clouds, inventories, pools, zones } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId, type PoolId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { type CloudFilters, type PoolFilters, XINCHUANG_TRAIT } from "./wire.ts";

export type CloudRow = Omit<typeof clouds.$inferSelect, "connection">;
export type LookRow = typeof cloudSyncs.$inferSelect;
export type ZoneRow = typeof zones.$inferSelect;
export type InventoryRow = typeof inventories.$inferSelect;
export interface PoolRow {
  readonly pool: typeof pools.$inferSelect;
  readonly zone: ZoneRow;
}

// The connection may hold secrets: what is never read is never shown.
const { connection: _, ...CLOUD_COLUMNS } = getTableColumns(clouds);

export async function listClouds(
  tx: Tx,
  filters: CloudFilters,
  after: string,
  limit: number,
): Promise<CloudRow[]> {
  const conditions: SQL[] = [gt(clouds.id, knownId<CloudId>(after))];
  if (filters.tier) conditions.push(eq(clouds.tier, filters.tier));
  if (filters.jurisdiction) conditions.push(eq(clouds.jurisdictionCode, filters.jurisdiction));
  if (filters.sector) conditions.push(eq(clouds.sector, filters.sector));
  if (filters.status) conditions.push(eq(clouds.status, filters.status));
  if (filters.q) conditions.push(containsText([clouds.id, clouds.nameZh, clouds.nameEn], filters.q));
  return tx
    .select(CLOUD_COLUMNS)
    .from(clouds)
    .where(and(...conditions))
    .orderBy(asc(clouds.id))
    .limit(limit + 1);
}

/** 404 where there is none; locked where it is about to change. */
export async function getCloudRow(tx: Tx, id: string, lock = false): Promise<CloudRow> {
  const query = tx
    .select(CLOUD_COLUMNS)
    .from(clouds)
    .where(eq(clouds.id, knownId<CloudId>(id)));
  const [row] = lock ? await query.for("update") : await query;
  if (row === undefined) throw fault("http.not_found");
  return row;
}

/** The zones of some clouds, by cloud. */
export async function zonesOf(tx: Tx, cloudIds: readonly CloudId[]): Promise<Map<CloudId, ZoneRow[]>> {
  const rows = await tx
    .select()
    .from(zones)
    .where(inArray(zones.cloudId, [...cloudIds]))
    .orderBy(asc(zones.id));
  return groupedBy(rows, (row) => row.cloudId);
}

/** When some clouds were looked through last, by cloud; absent where nobody has tried yet. */
export async function looksAt(tx: Tx, cloudIds: readonly CloudId[]): Promise<Map<CloudId, LookRow>> {
  const rows = await tx
    .select()
    .from(cloudSyncs)
    .where(inArray(cloudSyncs.cloudId, [...cloudIds]));
  return new Map(rows.map((row) => [row.cloudId, row]));
}

export async function saveStatus(tx: Tx, seen: CloudRow, status: CloudRow["status"]): Promise<CloudRow> {
  const [saved] = await tx
    .update(clouds)
    .set({ status, generation: seen.generation + 1 })
    .where(and(eq(clouds.id, seen.id), eq(clouds.generation, seen.generation)))
    .returning(CLOUD_COLUMNS);
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

export async function listPools(
  tx: Tx,
  filters: PoolFilters,
  after: string,
  limit: number,
): Promise<PoolRow[]> {
  const conditions: SQL[] = [gt(pools.id, knownId<PoolId>(after))];
  if (filters.cloudId) conditions.push(eq(pools.cloudId, knownId<CloudId>(filters.cloudId)));
  if (filters.zone) conditions.push(eq(zones.kind, filters.zone));
  if (filters.architecture) conditions.push(eq(pools.architecture, filters.architecture));
  if (filters.mlpsLevel) conditions.push(eq(pools.mlpsLevel, filters.mlpsLevel));
  if (filters.xinchuang !== undefined) {
    const domestic = arrayContains(pools.traits, [XINCHUANG_TRAIT]);
    conditions.push(filters.xinchuang ? domestic : not(domestic));
  }
  return tx
    .select({ pool: pools, zone: zones })
    .from(pools)
    .innerJoin(zones, eq(zones.id, pools.zoneId))
    .where(and(...conditions))
    .orderBy(asc(pools.id))
    .limit(limit + 1);
}

/** 404 where there is none; locked where what it has is about to change. */
export async function getPoolRow(tx: Tx, id: string, lock = false): Promise<PoolRow> {
  const query = tx
    .select({ pool: pools, zone: zones })
    .from(pools)
    .innerJoin(zones, eq(zones.id, pools.zoneId))
    .where(eq(pools.id, knownId<PoolId>(id)));
  // Claims refer to the pool by key: a stronger lock would stand in their way.
  const [row] = lock ? await query.for("no key update", { of: pools }) : await query;
  if (row === undefined) throw fault("http.not_found");
  return row;
}

export async function raiseGeneration(tx: Tx, { pool, zone }: PoolRow): Promise<PoolRow> {
  const [saved] = await tx
    .update(pools)
    .set({ generation: pool.generation + 1 })
    .where(and(eq(pools.id, pool.id), eq(pools.generation, pool.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: pool.id });
  return { pool: saved, zone };
}

/** Writes what is configured, but neither `used` nor `held`, which are the ledger's; the row is locked. */
export async function saveStock(tx: Tx, row: InventoryRow): Promise<void> {
  const { poolId, resourceClass, total, reserved, minUnit, maxUnit, stepSize, allocationRatioMilli } = row;
  await tx
    .update(inventories)
    .set({ total, reserved, minUnit, maxUnit, stepSize, allocationRatioMilli })
    .where(and(eq(inventories.poolId, poolId), eq(inventories.resourceClass, resourceClass)));
}

/** What some pools have, by pool, classes in their usual order. */
export async function inventoriesOf(
  tx: Tx,
  poolIds: readonly PoolId[],
): Promise<Map<PoolId, InventoryRow[]>> {
  const rows = await tx
    .select()
    .from(inventories)
    .where(inArray(inventories.poolId, [...poolIds]));
  const rank = (row: InventoryRow) => RESOURCE_CLASSES.indexOf(row.resourceClass);
  return groupedBy(
    rows.toSorted((left, right) => rank(left) - rank(right)),
    (row) => row.poolId,
  );
}

function groupedBy<Key, Row>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
