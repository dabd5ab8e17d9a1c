import { sql } from "drizzle-orm";
import type { Tx } from "../../db/tx.ts";
import { differencesIn } from "./difference-rows.ts";

export const nodeCountersAgainstLedger = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT coalesce(l.node_id, e.quota_node_id) || ' ' || coalesce(l.resource_class, e.resource_class) AS place,
               l.held, l.used, e.held AS ledger_held, e.used AS ledger_used
          FROM quota_limits l FULL JOIN (
            SELECT quota_node_id, resource_class, sum(held_delta) AS held, sum(used_delta) AS used
              FROM ledger_entries GROUP BY 1, 2
          ) e ON e.quota_node_id = l.node_id AND e.resource_class = l.resource_class
         WHERE (coalesce(l.held, 0), coalesce(l.used, 0)) <> (coalesce(e.held, 0), coalesce(e.used, 0))`,
  );

export const poolCountersAgainstLedger = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT coalesce(i.pool_id, e.pool_id) || ' ' || coalesce(i.resource_class, e.resource_class) AS place,
               i.held, i.used, e.held AS ledger_held, e.used AS ledger_used
          FROM inventories i FULL JOIN (
            SELECT pool_id, resource_class, sum(held_delta) AS held, sum(used_delta) AS used
              FROM ledger_entries GROUP BY 1, 2
          ) e ON e.pool_id = i.pool_id AND e.resource_class = i.resource_class
         WHERE (coalesce(i.held, 0), coalesce(i.used, 0)) <> (coalesce(e.held, 0), coalesce(e.used, 0))`,
  );

const OWN_COUNTERS = sql`
  SELECT 'pool ' || pool_id || ' ' || resource_class AS place, held, used FROM inventories
  UNION ALL
  SELECT 'node ' || node_id || ' ' || resource_class, held, used FROM quota_limits`;

/** Every part counts twice: in its pool and at its quota node. */
export const heldAgainstHolds = (tx: Tx) =>
  differencesIn(
    tx,
    sql`WITH parts AS (
          SELECT part ->> 'poolId' AS pool_id, part ->> 'quotaNodeId' AS node_id, amount.key AS class,
                 amount.value::bigint AS held
            FROM holds, jsonb_array_elements(parts) part, jsonb_each_text(part -> 'amounts') amount
           WHERE state = 'active'
        ), holding AS (
          SELECT 'pool ' || pool_id || ' ' || class AS place, sum(held) AS held FROM parts GROUP BY 1
          UNION ALL
          SELECT 'node ' || node_id || ' ' || class, sum(held) FROM parts GROUP BY 1
        )
        SELECT place, counted.held, holding.held AS holds_hold
          FROM (${OWN_COUNTERS}) counted FULL JOIN holding USING (place)
         WHERE coalesce(counted.held, 0) <> coalesce(holding.held, 0)`,
  );

export const usedAgainstClaims = (tx: Tx) =>
  differencesIn(
    tx,
    sql`WITH claimed AS (
          SELECT 'pool ' || pool_id || ' ' || resource_class AS place, sum(amount) AS used
            FROM claims GROUP BY pool_id, resource_class
          UNION ALL
          SELECT 'node ' || quota_node_id || ' ' || resource_class, sum(amount)
            FROM claims GROUP BY quota_node_id, resource_class
        )
        SELECT place, counted.used, claimed.used AS claims_claim
          FROM (${OWN_COUNTERS}) counted FULL JOIN claimed USING (place)
         WHERE coalesce(counted.used, 0) <> coalesce(claimed.used, 0)`,
  );

/**
 * Nothing is over, unless somebody has lowered a capacity and chosen what is to happen: and then by no more
 * than was known. Capacity as `kernel/quantity.ts` computes it, in numbers that cannot overflow.
 */
export const usageOverCapacity = (tx: Tx) =>
  differencesIn(
    tx,
    sql`SELECT pool_id || ' ' || resource_class AS place, used, held,
               div((total - reserved)::numeric * allocation_ratio_milli, 1000) AS capacity
          FROM inventories
         WHERE used + held > div((total - reserved)::numeric * allocation_ratio_milli, 1000)
               + coalesce((SELECT over FROM over_limits o WHERE o.closed_at IS NULL
                   AND o.pool_id = inventories.pool_id AND o.resource_class = inventories.resource_class), 0)`,
  );
