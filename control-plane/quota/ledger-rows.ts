import { and, eq, inArray, sql } from "drizzle-orm";
import { claims, holds, ledgerEntries, quotaLimits } from "../db/schema/quota.ts";
import { inventories } from "../db/schema/topology.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { HoldId, PlacementId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import { capacityOf, type ResourceClass } from "../kernel/quantity.ts";
import type { QuotaFigures, QuotaLevel } from "./tree.ts";

export type HoldRow = typeof holds.$inferSelect;
export type LedgerRow = typeof ledgerEntries.$inferInsert;

export interface LockedNode {
  readonly id: QuotaNodeId;
  readonly parentId: QuotaNodeId | null;
  readonly level: QuotaLevel;
  readonly depth: number;
  readonly figures: { [Class in ResourceClass]?: QuotaFigures };
}

export interface LockedInventory {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
  readonly capacity: number;
  used: number;
  held: number;
}

/**
 * Locks the limits of the nodes and all their ancestors for some classes, root before leaf, then by id and class.
 * Every writer takes the same order, so that two of them never wait for each other in a circle.
 */
export async function lockNodes(
  tx: Tx,
  nodeIds: readonly QuotaNodeId[],
  classes: readonly ResourceClass[],
): Promise<Map<QuotaNodeId, LockedNode>> {
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE up AS (
          SELECT id, parent_id, kind, id AS leaf, 0 AS height FROM quota_nodes
            WHERE id IN (${sql.join(
              nodeIds.map((id) => sql`${id}`),
              sql`, `,
            )})
          UNION ALL
          SELECT parent.id, parent.parent_id, parent.kind, up.leaf, up.height + 1
            FROM quota_nodes parent JOIN up ON up.parent_id = parent.id
        ), tall AS (SELECT leaf, max(height) AS top FROM up GROUP BY leaf),
        chain AS (
          SELECT DISTINCT up.id, up.parent_id, up.kind, tall.top - up.height AS depth
            FROM up JOIN tall ON tall.leaf = up.leaf
        )
        SELECT chain.id, chain.parent_id, chain.kind, chain.depth, quota_limits.resource_class,
               quota_limits.nominal, quota_limits.borrowing_limit, quota_limits.lending_limit,
               quota_limits.local_quota, quota_limits.subtree_quota, quota_limits.usage
          FROM chain JOIN quota_limits ON quota_limits.node_id = chain.id
         WHERE quota_limits.resource_class IN (${sql.join(
           classes.map((name) => sql`${name}`),
           sql`, `,
         )})
         ORDER BY chain.depth, chain.id, quota_limits.resource_class
           FOR UPDATE OF quota_limits`,
  );
  const nodes = new Map<QuotaNodeId, LockedNode>();
  for (const row of rows) {
    const id = row.id as QuotaNodeId;
    const node = nodes.get(id) ?? {
      id,
      parentId: row.parent_id as QuotaNodeId | null,
      level: row.kind as QuotaLevel,
      depth: Number(row.depth),
      figures: {},
    };
    nodes.set(id, node);
    node.figures[row.resource_class as ResourceClass] = {
      nominal: Number(row.nominal),
      borrowingLimit: row.borrowing_limit === null ? null : Number(row.borrowing_limit),
      lendingLimit: row.lending_limit === null ? null : Number(row.lending_limit),
      localQuota: Number(row.local_quota),
      subtreeQuota: Number(row.subtree_quota),
      usage: Number(row.usage),
    };
  }
  return nodes;
}

/** Locks what pools have of some classes, by pool id and class; always after the quota nodes. */
export async function lockInventories(
  tx: Tx,
  poolIds: readonly PoolId[],
  classes: readonly ResourceClass[],
): Promise<Map<string, LockedInventory>> {
  const rows = await tx
    .select()
    .from(inventories)
    .where(and(inArray(inventories.poolId, [...poolIds]), inArray(inventories.resourceClass, [...classes])))
    .orderBy(inventories.poolId, inventories.resourceClass)
    .for("update");
  return new Map(
    rows.map((row) => [
      inventoryKey(row.poolId, row.resourceClass),
      {
        poolId: row.poolId,
        resourceClass: row.resourceClass,
        capacity: capacityOf(row.total, row.reserved, row.allocationRatioMilli),
        used: row.used,
        held: row.held,
      },
    ]),
  );
}

export function inventoryKey(poolId: PoolId, resourceClass: ResourceClass): string {
  return `${poolId}|${resourceClass}`;
}

export async function saveInventory(tx: Tx, row: LockedInventory): Promise<void> {
  await tx
    .update(inventories)
    .set({ used: row.used, held: row.held })
    .where(and(eq(inventories.poolId, row.poolId), eq(inventories.resourceClass, row.resourceClass)));
}

export async function saveUsage(
  tx: Tx,
  nodeId: QuotaNodeId,
  resourceClass: ResourceClass,
  usage: number,
): Promise<void> {
  const updated = await tx
    .update(quotaLimits)
    .set({ usage })
    .where(and(eq(quotaLimits.nodeId, nodeId), eq(quotaLimits.resourceClass, resourceClass)))
    .returning({ nodeId: quotaLimits.nodeId });
  // A node without a row for the class has no counter to keep, so nothing may be counted there.
  if (updated.length === 0) throw fault("quota.unknown_node", { nodeId, resourceClass });
}

/** Adds to what is claimed and held at the node itself. */
export async function addOwn(
  tx: Tx,
  nodeId: QuotaNodeId,
  resourceClass: ResourceClass,
  heldDelta: number,
  usedDelta: number,
): Promise<void> {
  await tx
    .update(quotaLimits)
    .set({ held: sql`${quotaLimits.held} + ${heldDelta}`, used: sql`${quotaLimits.used} + ${usedDelta}` })
    .where(and(eq(quotaLimits.nodeId, nodeId), eq(quotaLimits.resourceClass, resourceClass)));
}

export async function appendEntries(tx: Tx, rows: readonly LedgerRow[]): Promise<void> {
  if (rows.length > 0) await tx.insert(ledgerEntries).values([...rows]);
}

export async function insertHold(tx: Tx, row: typeof holds.$inferInsert): Promise<void> {
  await tx.insert(holds).values(row);
}

/** Locks the hold first of all: whoever settles it, settles it once. */
export async function lockHold(tx: Tx, holdId: HoldId): Promise<HoldRow | undefined> {
  const [row] = await tx.select().from(holds).where(eq(holds.id, holdId)).for("update");
  return row;
}

export async function settleHold(tx: Tx, holdId: HoldId, state: HoldRow["state"], at: Date): Promise<void> {
  await tx.update(holds).set({ state, settledAt: at }).where(eq(holds.id, holdId));
}

/** Locks claims in one order: by placement and class. */
export async function lockClaims(tx: Tx, placementIds: readonly PlacementId[]) {
  return tx
    .select()
    .from(claims)
    .where(inArray(claims.placementId, [...placementIds]))
    .orderBy(claims.placementId, claims.resourceClass)
    .for("update");
}

export async function addClaim(tx: Tx, row: typeof claims.$inferInsert): Promise<void> {
  await tx
    .insert(claims)
    .values(row)
    .onConflictDoUpdate({
      target: [claims.placementId, claims.resourceClass],
      set: { amount: sql`${claims.amount} + ${row.amount}` },
    });
}

export async function setClaim(
  tx: Tx,
  placementId: PlacementId,
  resourceClass: ResourceClass,
  amount: number,
): Promise<void> {
  const which = and(eq(claims.placementId, placementId), eq(claims.resourceClass, resourceClass));
  if (amount === 0) await tx.delete(claims).where(which);
  else await tx.update(claims).set({ amount }).where(which);
}
