import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { overLimits } from "../db/schema/over-limits.ts";
import { quotaLimits } from "../db/schema/quota.ts";
import { inventories } from "../db/schema/topology.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { knownId, type OrganizationId, type OverLimitId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { OverLimitRow } from "./store.ts";

type Place = Pick<OverLimitRow, "nodeId" | "poolId" | "resourceClass">;

export async function insertCase(tx: Tx, row: typeof overLimits.$inferInsert): Promise<OverLimitRow> {
  const [inserted] = await tx.insert(overLimits).values(row).returning();
  if (inserted === undefined) throw new Error("insert returned no row");
  return inserted;
}

export async function saveCase(
  tx: Tx,
  seen: OverLimitRow,
  change: Partial<Omit<OverLimitRow, "id" | "generation">>,
): Promise<OverLimitRow> {
  const [saved] = await tx
    .update(overLimits)
    .set({ ...change, generation: seen.generation + 1 })
    .where(and(eq(overLimits.id, seen.id), eq(overLimits.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

/** Cases in the order of their ids, a page at a time, for the review. */
export async function openAfter(tx: Tx, after: OverLimitId | null, limit: number): Promise<OverLimitRow[]> {
  return tx
    .select()
    .from(overLimits)
    .where(and(isNull(overLimits.closedAt), after === null ? undefined : gt(overLimits.id, after)))
    .orderBy(asc(overLimits.id))
    .limit(limit);
}

/** Locks the case, after the limit or the inventory that it is about; undefined once it is closed. */
export async function lockOpenCase(tx: Tx, id: OverLimitId): Promise<OverLimitRow | undefined> {
  const [row] = await tx
    .select()
    .from(overLimits)
    .where(and(eq(overLimits.id, id), isNull(overLimits.closedAt)))
    .for("update");
  return row;
}

/** The mark that every hold meets under its lock; the row is locked by the caller. */
export async function setFrozen(
  tx: Tx,
  { nodeId, poolId, resourceClass }: Place,
  frozen: boolean,
): Promise<void> {
  if (nodeId !== null) {
    await tx
      .update(quotaLimits)
      .set({ frozen })
      .where(and(eq(quotaLimits.nodeId, nodeId), eq(quotaLimits.resourceClass, resourceClass)));
  }
  if (poolId !== null) {
    await tx
      .update(inventories)
      .set({ frozen })
      .where(and(eq(inventories.poolId, poolId), eq(inventories.resourceClass, resourceClass)));
  }
}

/** The organizations that use a class at a node and below it, or in a pool: they get the notices. */
export async function usersOf(
  tx: Tx,
  {
    nodeId,
    poolId,
    resourceClass,
  }: { nodeId: string | null; poolId: string | null; resourceClass: ResourceClass },
): Promise<OrganizationId[]> {
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE down AS (
          SELECT id FROM quota_nodes WHERE id = ${nodeId}
          UNION ALL
          SELECT child.id FROM quota_nodes child JOIN down ON child.parent_id = down.id
        )
        SELECT DISTINCT t.organization_id FROM claims c JOIN tenancies t ON t.id = c.tenancy_id
         WHERE c.resource_class = ${resourceClass}
           AND (c.pool_id = ${poolId} OR c.quota_node_id IN (SELECT id FROM down))
         ORDER BY t.organization_id`,
  );
  return rows.map((row) => knownId<OrganizationId>(String(row.organization_id)));
}
