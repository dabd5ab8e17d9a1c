import { type SQL, sql } from "drizzle-orm";
import { queryRows, type SqlRow, type Tx } from "../db/tx.ts";
import {
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
  type TenancyId,
} from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { UNDECIDED } from "../requests/lifecycle.ts";
import { CHANGEABLE } from "../tenancies/changeable.ts";
import type { TenancyGrant } from "../tenancies/grant.ts";
import type { Excess } from "./excess.ts";

export interface Holder {
  readonly tenancyId: TenancyId;
  readonly organizationId: OrganizationId;
  readonly amount: number;
}

/** A claim of a tenancy, wherever it lies, with what its pool can give. */
export interface ClaimPart {
  readonly nodeId: QuotaNodeId;
  readonly poolId: PoolId;
  readonly minUnit: number;
  readonly maxUnit: number;
  readonly stepSize: number;
}

export interface HoldingTenancy extends Holder {
  readonly granted: TenancyGrant;
  readonly parts: readonly ClaimPart[];
}

/** More than these are not listed in an answer; the plan of a shrinking has them all. */
const HOLDERS_SHOWN_MAX = 20;

/** So many tenancies share a shrinking, the greatest first; each of them becomes a request that a person reads. */
const SHRINKING_MAX = 500;

type Place = Pick<Excess, "nodeId" | "poolId" | "dimension">;

/** Claims of a class at a node and below it, or in a pool. */
function claimsAt({ nodeId, poolId, dimension }: Place): SQL {
  return sql`
    WITH RECURSIVE down AS (
      SELECT id FROM quota_nodes WHERE id = ${nodeId}
      UNION ALL
      SELECT child.id FROM quota_nodes child JOIN down ON child.parent_id = down.id
    ), there AS (
      SELECT tenancy_id, sum(amount) AS amount FROM claims
       WHERE resource_class = ${dimension}
         AND (pool_id = ${poolId} OR quota_node_id IN (SELECT id FROM down))
       GROUP BY tenancy_id
    )`;
}

/** Who has most of what is too much. */
export async function greatestHolders(tx: Tx, place: Place): Promise<Holder[]> {
  const rows = await queryRows(
    tx,
    sql`${claimsAt(place)}
        SELECT t.id, t.organization_id, there.amount FROM there JOIN tenancies t ON t.id = there.tenancy_id
         ORDER BY there.amount DESC, t.id LIMIT ${HOLDERS_SHOWN_MAX}`,
  );
  return rows.map(holderOf);
}

const oneOf = (values: readonly string[]) =>
  sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  );

/**
 * The tenancies there that may be changed now, locked in the order of their ids: before any limit, as whoever
 * changes a tenancy does.
 */
export async function lockShrinkable(tx: Tx, place: Place): Promise<HoldingTenancy[]> {
  const rows = await queryRows(
    tx,
    sql`${claimsAt(place)}, chosen AS (
          SELECT t.id FROM there JOIN tenancies t ON t.id = there.tenancy_id
           WHERE t.status IN (${oneOf(CHANGEABLE)})
           ORDER BY there.amount DESC, t.id LIMIT ${SHRINKING_MAX}
        )
        SELECT t.id, t.organization_id, t.granted, t.status FROM tenancies t
         WHERE t.id IN (SELECT id FROM chosen) ORDER BY t.id FOR UPDATE OF t`,
  );
  const ids = rows.filter(isChangeable).map((row) => String(row.id));
  const busy = await undecided(tx, ids);
  const parts = await partsOf(tx, ids, place.dimension);
  return rows.filter(isChangeable).flatMap((row) => {
    const id = knownId<TenancyId>(String(row.id));
    const granted = grantIn(row);
    const amount = granted.resources[place.dimension] ?? 0;
    if (busy.has(id) || amount === 0) return [];
    return [{ ...holderOf({ ...row, amount }), granted, parts: parts.get(id) ?? [] }];
  });
}

/** Its status may have changed while we waited for the lock. */
function isChangeable(row: SqlRow): boolean {
  const possible: readonly string[] = CHANGEABLE;
  return possible.includes(String(row.status));
}

async function undecided(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<TenancyId>> {
  if (ids.length === 0) return new Set();
  const rows = await queryRows(
    tx,
    sql`SELECT DISTINCT tenancy_id FROM tenancy_requests
         WHERE tenancy_id IN (${oneOf(ids)}) AND status IN (${oneOf(UNDECIDED)})`,
  );
  return new Set(rows.map((row) => knownId<TenancyId>(String(row.tenancy_id))));
}

async function partsOf(
  tx: Tx,
  ids: readonly string[],
  dimension: ResourceClass,
): Promise<Map<TenancyId, ClaimPart[]>> {
  const parts = new Map<TenancyId, ClaimPart[]>();
  if (ids.length === 0) return parts;
  const rows = await queryRows(
    tx,
    sql`SELECT c.tenancy_id, c.quota_node_id, c.pool_id, i.min_unit, i.max_unit, i.step_size
          FROM claims c JOIN inventories i ON i.pool_id = c.pool_id AND i.resource_class = c.resource_class
         WHERE c.tenancy_id IN (${oneOf(ids)}) AND c.resource_class = ${dimension}
         ORDER BY c.placement_id`,
  );
  for (const row of rows) {
    const id = knownId<TenancyId>(String(row.tenancy_id));
    const part = {
      nodeId: knownId<QuotaNodeId>(String(row.quota_node_id)),
      poolId: knownId<PoolId>(String(row.pool_id)),
      minUnit: Number(row.min_unit),
      maxUnit: Number(row.max_unit),
      stepSize: Number(row.step_size),
    };
    parts.set(id, [...(parts.get(id) ?? []), part]);
  }
  return parts;
}

function holderOf(row: SqlRow): Holder {
  return {
    tenancyId: knownId(String(row.id)),
    organizationId: knownId(String(row.organization_id)),
    amount: Number(row.amount),
  };
}

/** Written by the launch of an approved plan only; one of the two drivers gives JSON as it is, the other as text. */
function grantIn({ granted }: SqlRow): TenancyGrant {
  return (typeof granted === "string" ? JSON.parse(granted) : granted) as TenancyGrant;
}
