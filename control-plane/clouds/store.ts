import { and, eq, or, sql } from "drizzle-orm";
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

/** Whether drift at a cloud is repaired or reported. */
export async function driftRule(tx: Tx, id: CloudId) {
  const [row] = await tx
    .select({ onDrift: clouds.onDrift, onLoss: clouds.onLoss })
    .from(clouds)
    .where(eq(clouds.id, id));
  return row;
}

/** A pool as far as others have to know it. */
export async function findPool(tx: Tx, id: PoolId) {
  const [row] = await tx.select({ id: pools.id, cloudId: pools.cloudId }).from(pools).where(eq(pools.id, id));
  return row;
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

/** What the last look at a cloud told; `problem` is null when it answered. */
export async function saveHealth(tx: Tx, id: CloudId, problem: string | null, now: Date): Promise<void> {
  await tx
    .update(clouds)
    .set({
      reachable: problem === null,
      degradedReason: problem,
      degradedSince: problem === null ? null : sql`coalesce(${clouds.degradedSince}, ${now.toISOString()})`,
      lastProbedAt: now,
    })
    .where(eq(clouds.id, id));
}

/** The clouds of one kind with their pools, and what those physically have; a cloud may have none yet. */
export async function emulatedPools(tx: Tx) {
  return tx
    .select({ cloud: clouds, pool: pools, inventory: inventories })
    .from(clouds)
    .leftJoin(pools, eq(pools.cloudId, clouds.id))
    .leftJoin(inventories, eq(inventories.poolId, pools.id))
    .where(or(eq(clouds.providerKind, "simulated"), sql`${clouds.connection} ->> 'emulated' = 'true'`))
    .orderBy(clouds.id, pools.id, inventories.resourceClass);
}

/** Whether a simulator plays the cloud: the document says so, and of a simulated one it need not. */
export function isEmulated({ providerKind, connection }: CloudAddress): boolean {
  return providerKind === "simulated" || connection.emulated === true;
}
