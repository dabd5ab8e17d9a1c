import { and, eq, inArray, sql } from "drizzle-orm";
import { insertRows } from "../db/insert-many.ts";
import { claims, holds, ledgerEntries } from "../db/schema/quota.ts";
import { inventories } from "../db/schema/topology.ts";
import { dispatched, queryRows, sendAhead, type Tx } from "../db/tx.ts";
import type { HoldId, PlacementId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import { capacityOf, type ResourceClass } from "../kernel/quantity.ts";
import { inventoryKey } from "./inventory-key.ts";
import type { QuotaFigures, QuotaLevel } from "./tree.ts";

export type HoldRow = typeof holds.$inferSelect;
export type LedgerRow = typeof ledgerEntries.$inferInsert;

export interface LockedNode {
  readonly id: QuotaNodeId;
  readonly parentId: QuotaNodeId | null;
  readonly level: QuotaLevel;
  readonly depth: number;
  readonly figures: { [Class in ResourceClass]?: QuotaFigures };
  readonly frozen: ResourceClass[];
}

export interface LockedInventory {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
  readonly capacity: number;
  readonly frozen: boolean;
  readonly promised: boolean;
  used: number;
  held: number;
}

/**
 * The statements of the ledger look up a few rows by their keys: one plan is right for all of them, and planning
 * anew each time would cost more than carrying out.
 */
export function planOnce(tx: Tx): void {
  sendAhead(tx, tx.execute(sql`SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`));
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
  const locking = queryRows(
    tx,
    sql`WITH RECURSIVE up AS (
          SELECT id, parent_id, kind, id AS leaf, 0 AS height FROM quota_nodes
            WHERE id = ANY(${sql.param([...nodeIds])}::text[])
          UNION ALL
          SELECT parent.id, parent.parent_id, parent.kind, up.leaf, up.height + 1
            FROM up CROSS JOIN LATERAL (SELECT * FROM quota_nodes WHERE id = up.parent_id LIMIT 1) parent
        ), tall AS (SELECT leaf, max(height) AS top FROM up GROUP BY leaf),
        chain AS (
          SELECT DISTINCT up.id, up.parent_id, up.kind, tall.top - up.height AS depth
            FROM up JOIN tall ON tall.leaf = up.leaf
        )
        SELECT chain.id, chain.parent_id, chain.kind, chain.depth, quota_limits.resource_class,
               quota_limits.nominal, quota_limits.borrowing_limit, quota_limits.lending_limit,
               quota_limits.local_quota, quota_limits.subtree_quota, quota_limits.usage, quota_limits.frozen
          FROM chain JOIN quota_limits ON quota_limits.node_id = chain.id
           -- Said twice, or the planner, who cannot know how short a chain is, reads the whole table.
         WHERE quota_limits.node_id = ANY(ARRAY(SELECT id FROM chain))
           AND quota_limits.resource_class = ANY(${sql.param([...classes])}::text[])
         ORDER BY chain.depth, chain.id, quota_limits.resource_class
           FOR UPDATE OF quota_limits`,
  );
  const [rows, parents] = await Promise.all([locking, dispatched().then(() => parentsOf(tx, nodeIds))]);
  const nodes = new Map<QuotaNodeId, LockedNode>();
  for (const row of rows) {
    const id = row.id as QuotaNodeId;
    const node = nodes.get(id) ?? {
      id,
      parentId: row.parent_id as QuotaNodeId | null,
      level: row.kind as QuotaLevel,
      depth: Number(row.depth),
      figures: {},
      frozen: [],
    };
    nodes.set(id, node);
    if (row.frozen === true) node.frozen.push(row.resource_class as ResourceClass);
    node.figures[row.resource_class as ResourceClass] = {
      nominal: Number(row.nominal),
      borrowingLimit: row.borrowing_limit === null ? null : Number(row.borrowing_limit),
      lendingLimit: row.lending_limit === null ? null : Number(row.lending_limit),
      localQuota: Number(row.local_quota),
      subtreeQuota: Number(row.subtree_quota),
      usage: Number(row.usage),
    };
  }
  assertUnmoved([...nodes.values()], parents);
  return nodes;
}

/** Every node of the chains with its parent, read again behind the locks. */
async function parentsOf(
  tx: Tx,
  nodeIds: readonly QuotaNodeId[],
): Promise<ReadonlyMap<QuotaNodeId, QuotaNodeId | null>> {
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE up AS (
          SELECT id, parent_id FROM quota_nodes WHERE id = ANY(${sql.param([...nodeIds])}::text[])
          UNION
          SELECT parent.id, parent.parent_id
            FROM up CROSS JOIN LATERAL (SELECT * FROM quota_nodes WHERE id = up.parent_id LIMIT 1) parent
        ) SELECT id, parent_id FROM up`,
  );
  return new Map(rows.map((row) => [row.id as QuotaNodeId, row.parent_id as QuotaNodeId | null]));
}

/**
 * The chain was read before its rows were locked. A node that has moved meanwhile has another one, and whoever
 * counted along the old one would count in the wrong place: the transaction is run again.
 */
function assertUnmoved(
  nodes: readonly LockedNode[],
  parents: ReadonlyMap<QuotaNodeId, QuotaNodeId | null>,
): void {
  if (nodes.some(({ id, parentId }) => parents.get(id) !== parentId)) throw new MovedMeanwhile();
}

/** Counts as a serialization failure, which is what it is; `withTx` repeats those. */
class MovedMeanwhile extends Error {
  readonly code = "40001";

  constructor() {
    super("a quota node has moved since its chain was read");
  }
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
    .where(
      and(
        sql`${inventories.poolId} = ANY(${sql.param([...poolIds])}::text[])`,
        sql`${inventories.resourceClass} = ANY(${sql.param([...classes])}::text[])`,
      ),
    )
    .orderBy(inventories.poolId, inventories.resourceClass)
    .for("update");
  return new Map(
    rows.map((row) => [
      inventoryKey(row.poolId, row.resourceClass),
      {
        poolId: row.poolId,
        resourceClass: row.resourceClass,
        capacity: capacityOf(row.total, row.reserved, row.allocationRatioMilli),
        frozen: row.frozen,
        promised: row.promised,
        used: row.used,
        held: row.held,
      },
    ]),
  );
}

/** What is added to the counters of the node itself. */
export interface NodeChange {
  readonly nodeId: QuotaNodeId;
  readonly resourceClass: ResourceClass;
  usedDelta: number;
  heldDelta: number;
}

/** Writes counters of nodes that are locked, and what their usage has become. */
export function saveNodes(tx: Tx, changes: readonly (NodeChange & { readonly usage: number })[]): void {
  if (changes.length === 0) return;
  const column = <Value>(read: (change: NodeChange & { usage: number }) => Value) =>
    sql.param(changes.map(read));
  sendAhead(
    tx,
    tx.execute(sql`
      UPDATE quota_limits
         SET usage = change.usage, used = quota_limits.used + used_delta, held = quota_limits.held + held_delta
        FROM unnest(${column((change) => change.nodeId)}::text[], ${column((change) => change.resourceClass)}::text[],
                    ${column((change) => change.usage)}::bigint[], ${column((change) => change.usedDelta)}::bigint[],
                    ${column((change) => change.heldDelta)}::bigint[]) change (id, class, usage, used_delta, held_delta)
       WHERE node_id = change.id AND resource_class = change.class`),
  );
}

/** Writes counters of inventories that are locked. */
export function saveInventories(tx: Tx, rows: readonly LockedInventory[]): void {
  if (rows.length === 0) return;
  const column = <Value>(read: (row: LockedInventory) => Value) => sql.param(rows.map(read));
  sendAhead(
    tx,
    tx.execute(sql`
      UPDATE inventories SET used = now.used, held = now.held
        FROM unnest(${column((row) => row.poolId)}::text[], ${column((row) => row.resourceClass)}::text[],
                    ${column((row) => row.used)}::bigint[], ${column((row) => row.held)}::bigint[])
             now (pool, class, used, held)
       WHERE pool_id = now.pool AND resource_class = now.class`),
  );
}

export function appendEntries(tx: Tx, rows: readonly LedgerRow[]): void {
  insertRows(
    tx,
    ledgerEntries,
    rows.map((row) => ({ ...NO_TENANCY, ...row })),
  );
}

/** All rows of one insert have the same fields. */
const NO_TENANCY = { tenancyId: null, placementId: null };

export type NewHold = typeof holds.$inferInsert;

export function insertHolds(tx: Tx, rows: readonly NewHold[]): void {
  insertRows(
    tx,
    holds,
    rows.map((row) => ({ settledAt: null, ...row })),
  );
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

export type NewClaim = typeof claims.$inferInsert;

/** Adds to what placements have; each placement and class stands in one row. */
export function addClaims(tx: Tx, rows: readonly NewClaim[]): void {
  const added = sql`ON CONFLICT (placement_id, resource_class) DO UPDATE SET amount = claims.amount + excluded.amount`;
  insertRows(tx, claims, rows, added);
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
