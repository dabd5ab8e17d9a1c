import { and, asc, eq, gt, inArray, isNotNull, isNull, or, type SQL } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { organizations } from "../db/schema/organizations.ts";
import { overLimits } from "../db/schema/over-limits.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, knownId, type OverLimitId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import type { OverLimit, OverLimitFilters } from "./wire.ts";

export type OverLimitRow = typeof overLimits.$inferSelect;

const SCOPED = { organizationPath: organizations.path, cloudId: overLimits.cloudId };

export async function listInScope(
  tx: Tx,
  scope: Scope,
  filters: OverLimitFilters,
  after: string,
  limit: number,
): Promise<OverLimitRow[]> {
  const conditions: SQL[] = [inScope(scope, SCOPED), gt(overLimits.id, knownId<OverLimitId>(after))];
  if (filters.nodeId) conditions.push(eq(overLimits.nodeId, knownId<QuotaNodeId>(filters.nodeId)));
  if (filters.poolId) conditions.push(eq(overLimits.poolId, knownId<PoolId>(filters.poolId)));
  if (filters.cloudId) conditions.push(eq(overLimits.cloudId, knownId<CloudId>(filters.cloudId)));
  if (filters.open !== undefined) {
    conditions.push(filters.open ? isNull(overLimits.closedAt) : isNotNull(overLimits.closedAt));
  }
  const rows = await tx
    .select({ row: overLimits })
    .from(overLimits)
    .leftJoin(organizations, eq(organizations.id, overLimits.organizationId))
    .where(and(...conditions))
    .orderBy(asc(overLimits.id))
    .limit(limit + 1);
  return rows.map(({ row }) => row);
}

/** One case that the caller may see; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string): Promise<OverLimitRow> {
  const [found] = await tx
    .select({ row: overLimits })
    .from(overLimits)
    .leftJoin(organizations, eq(organizations.id, overLimits.organizationId))
    .where(and(eq(overLimits.id, knownId<OverLimitId>(id)), inScope(scope, SCOPED)));
  if (found === undefined) throw fault("http.not_found");
  return found.row;
}

interface Places {
  readonly nodeIds?: readonly QuotaNodeId[];
  readonly poolIds?: readonly PoolId[];
}

/** The open cases of some nodes and pools. */
export async function openCases(tx: Tx, { nodeIds = [], poolIds = [] }: Places): Promise<OverLimitRow[]> {
  if (nodeIds.length + poolIds.length === 0) return [];
  return tx
    .select()
    .from(overLimits)
    .where(
      and(
        isNull(overLimits.closedAt),
        or(inArray(overLimits.nodeId, [...nodeIds]), inArray(overLimits.poolId, [...poolIds])),
      ),
    )
    .orderBy(asc(overLimits.id));
}

export function overLimitView(row: OverLimitRow): OverLimit {
  const { id, nodeId, poolId, resourceClass, choice, phase, over, notices, requestIds, generation } = row;
  return {
    id,
    nodeId,
    poolId,
    resourceClass,
    choice,
    phase,
    since: row.since.toISOString(),
    until: row.until?.toISOString() ?? null,
    over,
    notices,
    requestIds,
    closedAt: row.closedAt?.toISOString() ?? null,
    generation,
  };
}
