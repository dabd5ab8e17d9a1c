import { and, asc, eq, gt, inArray, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { organizations } from "../db/schema/organizations.ts";
import { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId, type OrganizationId, type QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { OwnUsage } from "./node-figures.ts";
import type { QuotaChain, QuotaFigures } from "./tree.ts";
import type { QuotaFilters } from "./wire.ts";

export type NodeRow = typeof quotaNodes.$inferSelect;
export interface PlacedNode {
  readonly node: NodeRow;
  /** Null where the node belongs to no organization. */
  readonly organizationPath: string | null;
}

/** A cloud's scope covers its node and all departments on it, an organization's the nodes of its subtree. */
const SCOPED = { organizationPath: organizations.path, cloudId: quotaNodes.cloudId };

export async function listNodes(
  tx: Tx,
  scope: Scope,
  filters: QuotaFilters,
  after: string,
  limit: number,
): Promise<NodeRow[]> {
  const conditions: SQL[] = [inScope(scope, SCOPED), gt(quotaNodes.id, knownId<QuotaNodeId>(after))];
  if (filters.parentId) conditions.push(eq(quotaNodes.parentId, knownId<QuotaNodeId>(filters.parentId)));
  if (filters.cloudId) conditions.push(eq(quotaNodes.cloudId, knownId<CloudId>(filters.cloudId)));
  if (filters.organizationId) {
    conditions.push(eq(quotaNodes.organizationId, knownId<OrganizationId>(filters.organizationId)));
  }
  const rows = await tx
    .select({ node: quotaNodes })
    .from(quotaNodes)
    .leftJoin(organizations, eq(organizations.id, quotaNodes.organizationId))
    .where(and(...conditions))
    .orderBy(asc(quotaNodes.id))
    .limit(limit + 1);
  return rows.map(({ node }) => node);
}

/** A node that the caller may see, else 404; locked where its limits are about to change. */
export async function getNodeInScope(tx: Tx, scope: Scope, id: string, lock = false): Promise<PlacedNode> {
  const query = tx
    .select({ node: quotaNodes, organizationPath: organizations.path })
    .from(quotaNodes)
    .leftJoin(organizations, eq(organizations.id, quotaNodes.organizationId))
    .where(and(eq(quotaNodes.id, knownId<QuotaNodeId>(id)), inScope(scope, SCOPED)));
  // Claims refer to the node by key: a stronger lock would stand in the way of a ledger that already has its own.
  const [row] = lock ? await query.for("no key update", { of: quotaNodes }) : await query;
  if (row === undefined) throw fault("http.not_found");
  return row;
}

/** Some nodes, whoever may see them. */
export async function nodesById(tx: Tx, ids: readonly QuotaNodeId[]): Promise<Map<QuotaNodeId, NodeRow>> {
  const rows = await tx
    .select()
    .from(quotaNodes)
    .where(inArray(quotaNodes.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Visible children of some nodes, by parent. */
export async function childrenOf(
  tx: Tx,
  scope: Scope,
  ids: readonly QuotaNodeId[],
): Promise<Map<QuotaNodeId, QuotaNodeId[]>> {
  const rows = await tx
    .select({ id: quotaNodes.id, parentId: quotaNodes.parentId })
    .from(quotaNodes)
    .leftJoin(organizations, eq(organizations.id, quotaNodes.organizationId))
    .where(and(inArray(quotaNodes.parentId, [...ids]), inScope(scope, SCOPED)))
    .orderBy(asc(quotaNodes.id));
  const children = new Map<QuotaNodeId, QuotaNodeId[]>();
  for (const { id, parentId } of rows) {
    if (parentId !== null) children.set(parentId, [...(children.get(parentId) ?? []), id]);
  }
  return children;
}

/** What is claimed and held at some nodes themselves, and in their whole subtrees. */
export async function usageOf(tx: Tx, ids: readonly QuotaNodeId[]): Promise<Map<QuotaNodeId, OwnUsage[]>> {
  if (ids.length === 0) return new Map();
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE down AS (
          SELECT id AS top, id FROM quota_nodes WHERE id IN (${list(ids)})
          UNION ALL
          SELECT down.top, child.id FROM quota_nodes child JOIN down ON child.parent_id = down.id
        )
        SELECT top, resource_class, sum(used) AS subtree_used, sum(held) AS subtree_held,
               sum(used) FILTER (WHERE id = top) AS used, sum(held) FILTER (WHERE id = top) AS held
          FROM down JOIN quota_limits ON quota_limits.node_id = down.id
         GROUP BY top, resource_class`,
  );
  const usage = new Map<QuotaNodeId, OwnUsage[]>();
  for (const row of rows) {
    const id = knownId<QuotaNodeId>(String(row.top));
    const counted = {
      // The column holds names of classes only.
      resourceClass: row.resource_class as ResourceClass,
      used: Number(row.used ?? 0),
      held: Number(row.held ?? 0),
      subtreeUsed: Number(row.subtree_used),
      subtreeHeld: Number(row.subtree_held),
    };
    usage.set(id, [...(usage.get(id) ?? []), counted]);
  }
  return usage;
}

/** Gives every node of the chain a row for every class, so that there is something to lock. */
export async function ensureLimits(
  tx: Tx,
  rootFirst: readonly QuotaNodeId[],
  classes: readonly ResourceClass[],
): Promise<void> {
  const rows = rootFirst.flatMap((nodeId) =>
    classes.map((resourceClass) => ({ nodeId, resourceClass, nominal: 0 })),
  );
  await tx.insert(quotaLimits).values(rows).onConflictDoNothing();
}

/** Writes limits and derived figures, but neither `used` nor `held`, which are the ledger's. */
export async function saveFigures(
  tx: Tx,
  nodeId: QuotaNodeId,
  resourceClass: ResourceClass,
  figures: QuotaFigures,
): Promise<void> {
  await tx
    .update(quotaLimits)
    .set(figures)
    .where(and(eq(quotaLimits.nodeId, nodeId), eq(quotaLimits.resourceClass, resourceClass)));
}

/** The database refuses a cycle too. */
export async function saveParent(tx: Tx, id: QuotaNodeId, parentId: QuotaNodeId): Promise<void> {
  await tx.update(quotaNodes).set({ parentId }).where(eq(quotaNodes.id, id));
}

export async function raiseGeneration(tx: Tx, seen: NodeRow): Promise<NodeRow> {
  const [saved] = await tx
    .update(quotaNodes)
    .set({ generation: seen.generation + 1 })
    .where(and(eq(quotaNodes.id, seen.id), eq(quotaNodes.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

export function rootFirst(chain: QuotaChain): QuotaNodeId[] {
  return chain.map(({ id }) => id).toReversed();
}

function list(ids: readonly QuotaNodeId[]): SQL {
  return sql.join(
    ids.map((id) => sql`${id}`),
    sql`, `,
  );
}
