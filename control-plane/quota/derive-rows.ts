import { sql } from "drizzle-orm";
import { quotaNodes } from "../db/schema/quota.ts";
import { queryRows, type SqlRow, type Tx } from "../db/tx.ts";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { QuotaFigures, QuotaLevel } from "./tree.ts";

/** One row of `quota_limits`: what is configured, what is taken at the node itself, what was derived last. */
export interface FiguresRow {
  readonly nodeId: QuotaNodeId;
  readonly resourceClass: ResourceClass;
  readonly stored: QuotaFigures;
  /** Used and held at this very node. */
  readonly claimed: number;
}

export interface NodeRow {
  readonly id: QuotaNodeId;
  readonly parentId: QuotaNodeId | null;
  readonly level: QuotaLevel;
}

export async function loadNodes(tx: Tx): Promise<NodeRow[]> {
  return tx
    .select({ id: quotaNodes.id, parentId: quotaNodes.parentId, level: quotaNodes.kind })
    .from(quotaNodes)
    .orderBy(quotaNodes.id);
}

/** Locks every limit in the order of the ledger: root before leaf, then by id and class. */
export async function lockFigures(tx: Tx): Promise<FiguresRow[]> {
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE tree AS (
          SELECT id, 0 AS depth FROM quota_nodes WHERE parent_id IS NULL
          UNION ALL
          SELECT child.id, tree.depth + 1 FROM quota_nodes child JOIN tree ON child.parent_id = tree.id
        )
        SELECT quota_limits.node_id, quota_limits.resource_class, quota_limits.nominal,
               quota_limits.borrowing_limit, quota_limits.lending_limit, quota_limits.local_quota,
               quota_limits.subtree_quota, quota_limits.usage, quota_limits.used + quota_limits.held AS claimed
          FROM tree JOIN quota_limits ON quota_limits.node_id = tree.id
         ORDER BY tree.depth, tree.id, quota_limits.resource_class
           FOR UPDATE OF quota_limits`,
  );
  return rows.map(figuresRow);
}

export interface DerivedRow {
  readonly nodeId: QuotaNodeId;
  readonly resourceClass: ResourceClass;
  readonly figures: QuotaFigures;
}

/** Writes what was derived for rows that are locked; limits and own counters stay as they are. */
export async function writeFigures(tx: Tx, rows: readonly DerivedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map(({ nodeId, resourceClass, figures: { localQuota, subtreeQuota, usage } }) => ({
    node_id: nodeId,
    resource_class: resourceClass,
    local_quota: localQuota,
    subtree_quota: subtreeQuota,
    usage,
  }));
  // By way of text: one of the two drivers would turn a string meant for jsonb into a JSON string.
  await tx.execute(sql`
    UPDATE quota_limits
       SET local_quota = derived.local_quota, subtree_quota = derived.subtree_quota, usage = derived.usage
      FROM jsonb_to_recordset(${JSON.stringify(values)}::text::jsonb)
        AS derived (node_id text, resource_class text, local_quota bigint, subtree_quota bigint, usage bigint)
     WHERE quota_limits.node_id = derived.node_id AND quota_limits.resource_class = derived.resource_class`);
}

function figuresRow(row: SqlRow): FiguresRow {
  const optional = (value: unknown) => (value === null ? null : Number(value));
  return {
    nodeId: knownId(String(row.node_id)),
    resourceClass: row.resource_class as ResourceClass,
    stored: {
      nominal: Number(row.nominal),
      borrowingLimit: optional(row.borrowing_limit),
      lendingLimit: optional(row.lending_limit),
      localQuota: Number(row.local_quota),
      subtreeQuota: Number(row.subtree_quota),
      usage: Number(row.usage),
    },
    claimed: Number(row.claimed),
  };
}
