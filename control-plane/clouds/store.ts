import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Supports } from "../../providers/port.ts";
import { clouds, inventories, pools, zones } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import type { CloudId, PoolId } from "../kernel/ids.ts";

/** How a cloud is reached, without its credential. */
export interface CloudAddress {
  readonly id: CloudId;
  readonly providerKind: string;
  readonly connection: Record<string, unknown>;
}

export interface CloudConnection extends CloudAddress {
  readonly reachable: boolean;
  readonly lastProbedAt: Date | null;
}

const CONNECTION = {
  id: clouds.id,
  providerKind: clouds.providerKind,
  connection: clouds.connection,
  reachable: clouds.reachable,
  lastProbedAt: clouds.lastProbedAt,
};

/** The only queries that read connections: for opening adapters, never for an answer. */
export async function findConnection(tx: Tx, id: CloudId): Promise<CloudConnection | undefined> {
  const [row] = await tx.select(CONNECTION).from(clouds).where(eq(clouds.id, id));
  return row;
}

export async function allConnections(tx: Tx): Promise<CloudConnection[]> {
  return tx.select(CONNECTION).from(clouds).orderBy(clouds.id);
}

/**
 * Those of some clouds that take something new, kept from being suspended until the caller's transaction ends. A
 * decision is made on a picture that another process may have changed since. Locked before anything else of quota
 * and capacity, in the order of their ids.
 */
export async function lockOpenClouds(tx: Tx, ids: readonly CloudId[]): Promise<ReadonlySet<CloudId>> {
  const rows = await tx
    .select({ id: clouds.id, status: clouds.status, reachable: clouds.reachable })
    .from(clouds)
    .where(sql`${clouds.id} = ANY(${sql.param([...new Set(ids)])}::text[])`)
    .orderBy(asc(clouds.id))
    .for("share");
  const open = rows.filter(({ status, reachable }) => status === "active" && reachable);
  return new Set(open.map(({ id }) => id));
}

/** Every cloud, for whoever may change any of them and their quota. */
export async function lockClouds(tx: Tx): Promise<void> {
  await tx.select({ id: clouds.id }).from(clouds).orderBy(asc(clouds.id)).for("no key update");
}

/** Those of some clouds that have said that they cannot do something. */
export async function cloudsLacking(
  tx: Tx,
  ids: readonly CloudId[],
  flag: Exclude<keyof Supports, "enforcedQuota">,
): Promise<CloudId[]> {
  const rows = await tx
    .select({ id: clouds.id, supports: clouds.supports })
    .from(clouds)
    .where(inArray(clouds.id, [...ids]));
  return rows.filter(({ supports }) => supports !== null && !supports[flag]).map(({ id }) => id);
}

/** Whether drift at a cloud is repaired or reported. */
export async function driftRule(tx: Tx, id: CloudId) {
  const [row] = await tx
    .select({ onDrift: clouds.onDrift, onLoss: clouds.onLoss })
    .from(clouds)
    .where(eq(clouds.id, id));
  return row;
}

/** What happens where the cloud says that it has more or less than the documents give out. */
export async function capacityRule(tx: Tx, id: CloudId) {
  const [row] = await tx.select({ onCapacity: clouds.onCapacity }).from(clouds).where(eq(clouds.id, id));
  return row?.onCapacity;
}

/** A pool as far as others have to know it. */
export async function findPool(tx: Tx, id: PoolId) {
  const [row] = await tx.select({ id: pools.id, cloudId: pools.cloudId }).from(pools).where(eq(pools.id, id));
  return row;
}

/** The pools of a cloud as far as what stands in them has to know. */
export async function poolsOfCloud(tx: Tx, cloudId: CloudId) {
  return tx
    .select({ id: pools.id, zone: zones.kind, architecture: pools.architecture, mlpsLevel: pools.mlpsLevel })
    .from(pools)
    .innerJoin(zones, eq(zones.id, pools.zoneId))
    .where(eq(pools.cloudId, cloudId))
    .orderBy(asc(pools.id));
}

/** The pools of a cloud in one of its zones, by id. */
export async function poolsOfZone(tx: Tx, cloudId: CloudId, zone: "internet" | "extranet" | "dedicated") {
  return tx
    .select({ id: pools.id })
    .from(pools)
    .innerJoin(zones, eq(zones.id, pools.zoneId))
    .where(and(eq(pools.cloudId, cloudId), eq(zones.kind, zone)))
    .orderBy(pools.id);
}

/** What the last probe of a cloud told: a problem, or what it can do. */
export async function saveHealth(tx: Tx, id: CloudId, told: string | Supports, now: Date): Promise<void> {
  const problem = typeof told === "string" ? told : null;
  await tx
    .update(clouds)
    .set({
      reachable: problem === null,
      degradedReason: problem,
      degradedSince: problem === null ? null : sql`coalesce(${clouds.degradedSince}, ${now.toISOString()})`,
      lastProbedAt: now,
      ...(typeof told === "string" ? {} : { supports: told }),
    })
    .where(eq(clouds.id, id));
}

/** The clouds of one kind with their pools, and what those physically have; a cloud may have none yet. */
export async function poolTotals(tx: Tx, providerKind: string) {
  return tx
    .select({ cloudId: clouds.id, pool: pools, inventory: inventories })
    .from(clouds)
    .leftJoin(pools, eq(pools.cloudId, clouds.id))
    .leftJoin(inventories, eq(inventories.poolId, pools.id))
    .where(eq(clouds.providerKind, providerKind))
    .orderBy(clouds.id, pools.id, inventories.resourceClass);
}
