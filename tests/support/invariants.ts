import { sql } from "drizzle-orm";
import { type Database, queryRows, type SqlRow, type Tx } from "../../control-plane/db/tx.ts";
import { knownId, type QuotaNodeId } from "../../control-plane/kernel/ids.ts";
import { capacityOf, type ResourceClass } from "../../control-plane/kernel/quantity.ts";
import { deriveQuota, lockQuota } from "../../control-plane/quota/derive.ts";
import { available, chainOf } from "../../control-plane/quota/tree.ts";
import { LIVE } from "../../control-plane/requests/lifecycle.ts";

/** What must hold after every transaction, whatever happened before; each gives the places where it does not. */
type Invariant = (tx: Tx) => Promise<string[]>;

/** Of quota and capacity alone; they hold without any request or tenancy behind a hold or a claim. */
export const LEDGER_INVARIANTS = {
  "counters of quota nodes are sums of the ledger": (tx) =>
    broken(
      tx,
      sql`SELECT coalesce(l.node_id, e.quota_node_id) AS place, coalesce(l.resource_class, e.resource_class) AS class,
                 l.held, l.used, e.held AS ledger_held, e.used AS ledger_used
            FROM quota_limits l FULL JOIN (
              SELECT quota_node_id, resource_class, sum(held_delta) AS held, sum(used_delta) AS used
                FROM ledger_entries GROUP BY 1, 2
            ) e ON e.quota_node_id = l.node_id AND e.resource_class = l.resource_class
           WHERE (coalesce(l.held, 0), coalesce(l.used, 0)) <> (coalesce(e.held, 0), coalesce(e.used, 0))`,
    ),
  "counters of pools are sums of the ledger": (tx) =>
    broken(
      tx,
      sql`SELECT coalesce(i.pool_id, e.pool_id) AS place, coalesce(i.resource_class, e.resource_class) AS class,
                 i.held, i.used, e.held AS ledger_held, e.used AS ledger_used
            FROM inventories i FULL JOIN (
              SELECT pool_id, resource_class, sum(held_delta) AS held, sum(used_delta) AS used
                FROM ledger_entries GROUP BY 1, 2
            ) e ON e.pool_id = i.pool_id AND e.resource_class = i.resource_class
           WHERE (coalesce(i.held, 0), coalesce(i.used, 0)) <> (coalesce(e.held, 0), coalesce(e.used, 0))`,
    ),
  "held is what active holds hold": (tx) =>
    broken(
      tx,
      sql`SELECT coalesce(i.pool_id, h.pool_id) AS place, coalesce(i.resource_class, h.class) AS class,
                 i.held, h.held AS holds
            FROM inventories i FULL JOIN (
              SELECT part ->> 'poolId' AS pool_id, amount.key AS class, sum(amount.value::bigint) AS held
                FROM holds, jsonb_array_elements(parts) part, jsonb_each_text(part -> 'amounts') amount
               WHERE state = 'active' GROUP BY 1, 2
            ) h ON h.pool_id = i.pool_id AND h.class = i.resource_class
           WHERE coalesce(i.held, 0) <> coalesce(h.held, 0)`,
    ),
  "used is what claims claim": (tx) =>
    broken(
      tx,
      sql`SELECT coalesce(i.pool_id, c.pool_id) AS place, coalesce(i.resource_class, c.resource_class) AS class,
                 i.used, c.amount AS claimed
            FROM inventories i FULL JOIN (
              SELECT pool_id, resource_class, sum(amount) AS amount FROM claims GROUP BY 1, 2
            ) c ON c.pool_id = i.pool_id AND c.resource_class = i.resource_class
           WHERE coalesce(i.used, 0) <> coalesce(c.amount, 0)`,
    ),
  "usage within capacity": async (tx) => {
    const rows = await queryRows(tx, sql`SELECT * FROM inventories`);
    return rows
      .filter((row) => Number(row.used) + Number(row.held) > capacity(row))
      .map((row) => `${row.pool_id} ${row.resource_class}: ${row.used} + ${row.held} of ${capacity(row)}`);
  },
  "figures of quota nodes are derived from limits and counters": async (tx) => {
    const { corrected } = await deriveQuota(tx);
    return corrected.map((row) => `${row.nodeId} ${row.resourceClass}: ${JSON.stringify(row)}`);
  },
  "usage within quota": async (tx) => {
    const tree = await lockQuota(tx);
    const rows = await queryRows(tx, sql`SELECT node_id, resource_class FROM quota_limits`);
    return rows.flatMap((row) => {
      const chain = chainOf(tree, knownId<QuotaNodeId>(String(row.node_id)));
      const left = available(chain, row.resource_class as ResourceClass);
      return left < 0 ? [`${row.node_id} ${row.resource_class}: ${left} left`] : [];
    });
  },
} as const satisfies Record<string, Invariant>;

/** Of the whole way from a request to a tenancy. */
const LIFE_INVARIANTS = {
  "every claim belongs to a placement of a live tenancy": (tx) =>
    broken(
      tx,
      sql`SELECT c.placement_id AS place, c.resource_class AS class, t.status
            FROM claims c
            LEFT JOIN placements p ON p.id = c.placement_id AND p.tenancy_id = c.tenancy_id
                  AND (p.pool_id, p.quota_node_id, p.cloud_id) = (c.pool_id, c.quota_node_id, c.cloud_id)
            LEFT JOIN tenancies t ON t.id = p.tenancy_id
           WHERE t.status IS NULL OR t.status NOT IN (${sql.join(
             LIVE.map((status) => sql`${status}`),
             sql`, `,
           )})`,
    ),
  "every active hold belongs to a request that waits for a person": (tx) =>
    broken(
      tx,
      sql`SELECT h.id AS place, h.state AS class, r.status
            FROM holds h LEFT JOIN tenancy_requests r ON r.id = h.request_id AND r.hold_id = h.id
           WHERE h.state = 'active' AND coalesce(r.status, '') NOT IN ('submitted', 'accepted', 'reviewed')`,
    ),
  "no tenancy is behind two requests to create one": (tx) =>
    broken(
      tx,
      sql`SELECT tenancy_id AS place, count(*) AS class FROM tenancy_requests
           WHERE kind = 'create' AND tenancy_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1`,
    ),
  "only what changes has a change request, and only what is settled has none": (tx) =>
    broken(
      tx,
      sql`SELECT id AS place, status AS class, change_request_id FROM tenancies
           WHERE (status IN ('changing', 'retiring', 'exported')) <> (change_request_id IS NOT NULL)`,
    ),
} as const satisfies Record<string, Invariant>;

const INVARIANTS: Readonly<Record<string, Invariant>> = { ...LEDGER_INVARIANTS, ...LIFE_INVARIANTS };

/** Empty where all hold; otherwise each broken one by name, with where and in which figures. */
export async function brokenInvariants(
  db: Database,
  invariants: Readonly<Record<string, Invariant>> = INVARIANTS,
): Promise<string[]> {
  const found: string[] = [];
  for (const [name, check] of Object.entries(invariants)) {
    // A look corrects nothing, so that the next one finds the same.
    const places = await rolledBack(db, check);
    found.push(...places.map((place) => `${name} — ${place}`));
  }
  return found;
}

class RollBack extends Error {}

async function rolledBack(db: Database, check: Invariant): Promise<string[]> {
  let places: string[] = [];
  try {
    await db.withTx(async (tx) => {
      places = await check(tx);
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
  return places;
}

async function broken(tx: Tx, statement: ReturnType<typeof sql>): Promise<string[]> {
  const rows = await queryRows(tx, statement);
  return rows.map(({ place, class: name, ...figures }) => `${place} ${name}: ${JSON.stringify(figures)}`);
}

function capacity(row: SqlRow): number {
  return capacityOf(Number(row.total), Number(row.reserved), Number(row.allocation_ratio_milli));
}
