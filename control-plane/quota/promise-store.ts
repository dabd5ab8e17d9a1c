import { and, eq, gt, inArray, sql } from "drizzle-orm";
import { commitments } from "../db/schema/commitments.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { knownId, type PoolId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { inventoryKey } from "./inventory-key.ts";
import type { Occupancy, PoolCalendar, Promised } from "./pool-calendar.ts";

export interface CalendarSettings {
  readonly today: string;
  /** How long after its term a tenancy is taken to be there still, until it is wiped. */
  readonly retentionDays: number;
}

interface Stock {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
}

/** The calendars of some inventories of which something is promised; empty, without a query, where none are. */
export async function loadCalendars(
  tx: Tx,
  stock: readonly Stock[],
  settings: CalendarSettings,
): Promise<Map<string, PoolCalendar>> {
  if (stock.length === 0) return new Map();
  const pools = [...new Set(stock.map(({ poolId }) => poolId))];
  const promises = await promisesOf(tx, pools, settings.today);
  const occupancies = await occupanciesOf(tx, pools, settings);
  return new Map(
    stock.map(({ poolId, resourceClass }) => {
      const key = inventoryKey(poolId, resourceClass);
      return [key, { promises: promises.get(key) ?? [], occupancies: occupancies.get(key) ?? [] }];
    }),
  );
}

async function promisesOf(tx: Tx, pools: readonly PoolId[], today: string): Promise<Map<string, Promised[]>> {
  const rows = await tx
    .select()
    .from(commitments)
    .where(
      and(
        inArray(commitments.poolId, [...pools]),
        inArray(commitments.status, ["guaranteed", "confirmed"]),
        gt(commitments.expiresAt, today),
      ),
    )
    .orderBy(commitments.id);
  return grouped(
    rows,
    (row) => inventoryKey(row.poolId, row.resourceClass),
    ({ id, quotaNodeId: nodeId, amount, start, expiresAt }) => ({ id, nodeId, amount, start, expiresAt }),
  );
}

/**
 * A tenancy counts for some time beyond its term. One that is there even then counts until it is given back:
 * nobody can tell when that will be.
 */
async function occupanciesOf(
  tx: Tx,
  pools: readonly PoolId[],
  { today, retentionDays }: CalendarSettings,
): Promise<Map<string, Occupancy[]>> {
  const list = sql.join(
    pools.map((id) => sql`${id}`),
    sql`, `,
  );
  const rows = await queryRows(
    tx,
    sql`WITH counted AS (
          SELECT c.pool_id, c.resource_class, c.quota_node_id AS node_id, c.amount,
                 t.term_end + ${retentionDays}::int + 1 AS ends
            FROM claims c LEFT JOIN tenancies t ON t.id = c.tenancy_id
           WHERE c.pool_id IN (${list})
          UNION ALL
          SELECT part ->> 'poolId', amount.key, part ->> 'quotaNodeId', amount.value::bigint,
                 (part ->> 'until')::date
            FROM holds, jsonb_array_elements(parts) part, jsonb_each_text(part -> 'amounts') amount
           WHERE state = 'active' AND part ->> 'poolId' IN (${list})
        ), dated AS (
          SELECT pool_id, resource_class, node_id, amount,
                 CASE WHEN ends > ${today}::date THEN to_char(ends, 'YYYY-MM-DD') END AS until
            FROM counted
        )
        SELECT pool_id, resource_class, node_id, until, sum(amount) AS amount
          FROM dated GROUP BY pool_id, resource_class, node_id, until`,
  );
  return grouped(
    rows,
    // The columns hold names of classes only.
    (row) => inventoryKey(knownId(String(row.pool_id)), row.resource_class as ResourceClass),
    (row) => ({
      nodeId: knownId(String(row.node_id)),
      amount: Number(row.amount),
      until: row.until === null ? null : String(row.until),
    }),
  );
}

function grouped<Row, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  valueFrom: (row: Row) => Value,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [valueFrom(row)]);
    else group.push(valueFrom(row));
  }
  return groups;
}

/** Whether anything of an inventory is promised still; to be called under the lock of its row. */
export async function bindsAnything(tx: Tx, { poolId, resourceClass }: Stock): Promise<boolean> {
  const rows = await tx
    .select({ id: commitments.id })
    .from(commitments)
    .where(
      and(
        eq(commitments.poolId, poolId),
        eq(commitments.resourceClass, resourceClass),
        inArray(commitments.status, ["guaranteed", "confirmed"]),
      ),
    )
    .limit(1);
  return rows.length > 0;
}
