import { and, eq, inArray, sql } from "drizzle-orm";
import { RunAgain } from "../db/errors.ts";
import { insertOf } from "../db/insert-many.ts";
import { claims, holds, ledgerEntries } from "../db/schema/quota.ts";
import { given, statement } from "../db/statement.ts";
import { dispatched, sendAhead, type Tx } from "../db/tx.ts";
import type { HoldId, PlacementId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import { assertExact, capacityOf, type ResourceClass } from "../kernel/quantity.ts";
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

const PLAN_ONCE = statement<never>(sql`SET LOCAL plan_cache_mode = force_generic_plan`);

/**
 * The statements of the ledger look up a few rows by their keys: one plan is right for all of them, and planning
 * anew each time would cost more than carrying out.
 */
export function planOnce(tx: Tx): void {
  sendAhead(tx, PLAN_ONCE(tx, {}));
}

const LOCK_NODES = statement<"nodes" | "classes">(sql`
  WITH RECURSIVE up AS (
    SELECT id, parent_id, kind, id AS leaf, 0 AS height FROM quota_nodes WHERE id = ANY(${given("nodes")}::text[])
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
     AND quota_limits.resource_class = ANY(${given("classes")}::text[])
   ORDER BY chain.depth, chain.id, quota_limits.resource_class
     FOR UPDATE OF quota_limits`);

/**
 * Locks the limits of the nodes and all their ancestors for some classes, root before leaf, then by id and class.
 * Every writer takes the same order, so that two of them never wait for each other in a circle.
 */
export async function lockNodes(
  tx: Tx,
  nodeIds: readonly QuotaNodeId[],
  classes: readonly ResourceClass[],
): Promise<Map<QuotaNodeId, LockedNode>> {
  const locking = LOCK_NODES(tx, { nodes: nodeIds, classes });
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

const PARENTS = statement<"nodes">(sql`
  WITH RECURSIVE up AS (
    SELECT id, parent_id FROM quota_nodes WHERE id = ANY(${given("nodes")}::text[])
    UNION
    SELECT parent.id, parent.parent_id
      FROM up CROSS JOIN LATERAL (SELECT * FROM quota_nodes WHERE id = up.parent_id LIMIT 1) parent
  ) SELECT id, parent_id FROM up`);

/** Every node of the chains with its parent, read again behind the locks. */
async function parentsOf(
  tx: Tx,
  nodeIds: readonly QuotaNodeId[],
): Promise<ReadonlyMap<QuotaNodeId, QuotaNodeId | null>> {
  const rows = await PARENTS(tx, { nodes: nodeIds });
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
  if (nodes.some(({ id, parentId }) => parents.get(id) !== parentId)) {
    throw new RunAgain("a quota node has moved since its chain was read");
  }
}

const LOCK_INVENTORIES = statement<"pools" | "classes">(sql`
  SELECT pool_id, resource_class, total, reserved, allocation_ratio_milli, frozen, promised, used, held
    FROM inventories
   WHERE pool_id = ANY(${given("pools")}::text[]) AND resource_class = ANY(${given("classes")}::text[])
   ORDER BY pool_id, resource_class
     FOR UPDATE`);

/** Locks what pools have of some classes, by pool id and class; always after the quota nodes. */
export async function lockInventories(
  tx: Tx,
  poolIds: readonly PoolId[],
  classes: readonly ResourceClass[],
): Promise<Map<string, LockedInventory>> {
  const rows = await LOCK_INVENTORIES(tx, { pools: poolIds, classes });
  return new Map(
    rows.map((row) => {
      const poolId = row.pool_id as PoolId;
      const resourceClass = row.resource_class as ResourceClass;
      const locked: LockedInventory = {
        poolId,
        resourceClass,
        capacity: capacityOf(
          assertExact(Number(row.total)),
          assertExact(Number(row.reserved)),
          Number(row.allocation_ratio_milli),
        ),
        frozen: row.frozen === true,
        promised: row.promised === true,
        used: assertExact(Number(row.used)),
        held: assertExact(Number(row.held)),
      };
      return [inventoryKey(poolId, resourceClass), locked];
    }),
  );
}

/** What is added to the counters of the node itself. */
export interface NodeChange {
  readonly nodeId: QuotaNodeId;
  readonly resourceClass: ResourceClass;
  usedDelta: number;
  heldDelta: number;
}

/** Everything that one transaction enters; the counters are those of rows that it has locked. */
export interface Entered {
  readonly nodes: readonly (NodeChange & { readonly usage: number })[];
  readonly inventories: readonly LockedInventory[];
  readonly holds: readonly NewHold[];
  readonly entries: readonly LedgerRow[];
  readonly claims: readonly NewClaim[];
}

export type NewHold = typeof holds.$inferInsert;
export type NewClaim = typeof claims.$inferInsert;

/** All rows of one insert have the same fields. */
const UNSETTLED = { settledAt: null };
const NO_TENANCY = { tenancyId: null, placementId: null };

const HOLD_KEYS = ["id", "requestId", "state", "parts", "expiresAt", "createdAt", "settledAt"];
const PLACE_KEYS = ["tenancyId", "placementId", "cloudId", "poolId", "quotaNodeId", "resourceClass"];
const ENTRY_KEYS = ["at", "kind", "holdId", ...PLACE_KEYS, "heldDelta", "usedDelta"];
const CLAIM_KEYS = [...PLACE_KEYS, "amount"];

/** Each placement and class stands in one row. */
const ADDED = sql`ON CONFLICT (placement_id, resource_class) DO UPDATE SET amount = claims.amount + excluded.amount`;

type Column =
  | "nodes"
  | "nodeClasses"
  | "nodeUsages"
  | "nodeUsed"
  | "nodeHeld"
  | "pools"
  | "poolClasses"
  | "poolUsed"
  | "poolHeld"
  | "holds"
  | "entries"
  | "claims";

const SAVE = statement<Column>(sql`
  WITH saved_nodes AS (
    UPDATE quota_limits
       SET usage = change.usage, used = quota_limits.used + used_delta, held = quota_limits.held + held_delta
      FROM unnest(${given("nodes")}::text[], ${given("nodeClasses")}::text[], ${given("nodeUsages")}::bigint[],
                  ${given("nodeUsed")}::bigint[], ${given("nodeHeld")}::bigint[])
             change (id, class, usage, used_delta, held_delta)
     WHERE node_id = change.id AND resource_class = change.class
  ), saved_inventories AS (
    UPDATE inventories SET used = now.used, held = now.held
      FROM unnest(${given("pools")}::text[], ${given("poolClasses")}::text[], ${given("poolUsed")}::bigint[],
                  ${given("poolHeld")}::bigint[]) now (pool, class, used, held)
     WHERE pool_id = now.pool AND resource_class = now.class
  ), new_holds AS (${insertOf(holds, HOLD_KEYS, given("holds"))}),
     new_entries AS (${insertOf(ledgerEntries, ENTRY_KEYS, given("entries"))})
  ${insertOf(claims, CLAIM_KEYS, given("claims"), ADDED)}`);

/** One statement for all of it, whose text never changes: it is planned once, and is one message to the server. */
export function saveEntered(tx: Tx, entered: Entered): void {
  const { nodes, inventories, holds, entries, claims } = entered;
  const values: Record<Column, unknown> = {
    nodes: nodes.map((one) => one.nodeId),
    nodeClasses: nodes.map((one) => one.resourceClass),
    nodeUsages: nodes.map((one) => one.usage),
    nodeUsed: nodes.map((one) => one.usedDelta),
    nodeHeld: nodes.map((one) => one.heldDelta),
    pools: inventories.map((one) => one.poolId),
    poolClasses: inventories.map((one) => one.resourceClass),
    poolUsed: inventories.map((one) => one.used),
    poolHeld: inventories.map((one) => one.held),
    holds: JSON.stringify(holds.map((row) => ({ ...UNSETTLED, ...row }))),
    entries: JSON.stringify(entries.map((row) => ({ ...NO_TENANCY, ...row }))),
    claims: JSON.stringify(claims),
  };
  sendAhead(tx, SAVE(tx, values));
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
