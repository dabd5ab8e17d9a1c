import { sql } from "drizzle-orm";
import { queryRows, type Tx } from "../../db/tx.ts";
import { knownId, type PoolId } from "../../kernel/ids.ts";
import { capacityOf, type ResourceClass } from "../../kernel/quantity.ts";

interface BoundStock {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
  readonly capacity: number;
  readonly used: number;
  readonly held: number;
  /** The mark, and what it should say. */
  readonly promised: boolean;
  readonly binds: boolean;
}

/** Inventories of which something is promised, or that are marked so. */
export async function boundStock(tx: Tx): Promise<BoundStock[]> {
  const rows = await queryRows(
    tx,
    sql`SELECT bound.pool_id, bound.resource_class, i.total, i.reserved, i.allocation_ratio_milli, i.used, i.held,
               i.promised, b.pool_id IS NOT NULL AS binds
          FROM (
            SELECT pool_id, resource_class FROM commitments WHERE status IN ('guaranteed', 'confirmed')
            UNION
            SELECT pool_id, resource_class FROM inventories WHERE promised
          ) bound
          LEFT JOIN inventories i ON i.pool_id = bound.pool_id AND i.resource_class = bound.resource_class
          LEFT JOIN (
            SELECT DISTINCT pool_id, resource_class FROM commitments WHERE status IN ('guaranteed', 'confirmed')
          ) b ON b.pool_id = bound.pool_id AND b.resource_class = bound.resource_class
         ORDER BY 1, 2`,
  );
  return rows.map((row) => ({
    poolId: knownId(String(row.pool_id)),
    // The column holds names of classes only.
    resourceClass: row.resource_class as ResourceClass,
    capacity: capacityOf(Number(row.total), Number(row.reserved), Number(row.allocation_ratio_milli)),
    used: Number(row.used),
    held: Number(row.held),
    promised: row.promised === true,
    binds: row.binds === true,
  }));
}
