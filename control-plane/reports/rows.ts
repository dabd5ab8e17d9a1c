import { and, asc, eq, gt, inArray, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { accounts } from "../db/schema/accounts.ts";
import { organizations, systems } from "../db/schema/organizations.ts";
import { claims, quotaLimits } from "../db/schema/quota.ts";
import { approvals, tenancyRequests } from "../db/schema/requests.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import { clouds, pools, zones } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import type { RequestId, TenancyId } from "../kernel/ids.ts";
import type { Decision } from "../requests/decision.ts";
import { LIVE } from "../requests/lifecycle.ts";
import type { PlanVerdict } from "../requests/plan.ts";

export interface ReportFilters {
  /** With everything below it. */
  readonly organizationId?: string | undefined;
  /** Where anything of the tenancy lies. */
  readonly cloudId?: string | undefined;
}

/** Live tenancies by id, with whom and what they are for. */
export async function tenancyPage(
  tx: Tx,
  scope: Scope,
  { organizationId, cloudId }: ReportFilters,
  after: string,
  limit: number,
) {
  const conditions: SQL[] = [
    inScope(scope, { organizationPath: organizations.path, cloudId: tenancies.cloudId }),
    inArray(tenancies.status, [...LIVE]),
    gt(tenancies.id, after as TenancyId),
  ];
  if (organizationId !== undefined) {
    const path = sql`(SELECT above.path FROM ${organizations} AS above WHERE above.id = ${organizationId})`;
    conditions.push(sql`starts_with(${organizations.path}, ${path})`);
  }
  if (cloudId !== undefined) {
    const parts = sql`SELECT 1 FROM ${placements} AS part WHERE part.tenancy_id = ${tenancies.id}`;
    conditions.push(sql`EXISTS (${parts} AND part.cloud_id = ${cloudId})`);
  }
  return tx
    .select({ tenancy: tenancies, organization: organizations, system: systems })
    .from(tenancies)
    .innerJoin(organizations, eq(organizations.id, tenancies.organizationId))
    .leftJoin(systems, eq(systems.id, tenancies.systemId))
    .where(and(...conditions))
    .orderBy(asc(tenancies.id))
    .limit(limit);
}

export type ReportTenancy = Awaited<ReturnType<typeof tenancyPage>>[number];

/** What tenancies hold, place by place and class by class, beside the quota that it counts against. */
export async function claimsOf(tx: Tx, ids: readonly TenancyId[], cloudId: string | undefined) {
  if (ids.length === 0) return [];
  const conditions: SQL[] = [inArray(claims.tenancyId, [...ids])];
  if (cloudId !== undefined) conditions.push(sql`${claims.cloudId} = ${cloudId}`);
  return tx
    .select({
      claim: claims,
      role: placements.role,
      cloudZh: clouds.nameZh,
      cloudEn: clouds.nameEn,
      zone: zones.kind,
      architecture: pools.architecture,
      nominal: quotaLimits.nominal,
      used: quotaLimits.used,
    })
    .from(claims)
    .innerJoin(placements, eq(placements.id, claims.placementId))
    .innerJoin(clouds, eq(clouds.id, claims.cloudId))
    .innerJoin(pools, eq(pools.id, claims.poolId))
    .innerJoin(zones, eq(zones.id, pools.zoneId))
    .leftJoin(
      quotaLimits,
      and(eq(quotaLimits.nodeId, claims.quotaNodeId), eq(quotaLimits.resourceClass, claims.resourceClass)),
    )
    .where(and(...conditions))
    .orderBy(asc(claims.tenancyId), asc(placements.role), asc(claims.resourceClass));
}

export type ReportClaim = Awaited<ReturnType<typeof claimsOf>>[number];

/** Outcome of the decision behind each request, and what policy said about its plan. */
export async function decisionsOf(tx: Tx, ids: readonly RequestId[]) {
  if (ids.length === 0) return [];
  return tx
    .select({
      id: tenancyRequests.id,
      outcome: sql<Decision["outcome"]>`${tenancyRequests.decision}->>'outcome'`,
      verdicts: sql<PlanVerdict[] | null>`${tenancyRequests.plan}->'verdicts'`,
    })
    .from(tenancyRequests)
    .where(inArray(tenancyRequests.id, [...ids]));
}

export async function approvalsOf(tx: Tx, ids: readonly RequestId[]) {
  if (ids.length === 0) return [];
  return tx
    .select({ approval: approvals, account: accounts.name })
    .from(approvals)
    .leftJoin(accounts, eq(accounts.id, approvals.accountId))
    .where(inArray(approvals.requestId, [...ids]))
    .orderBy(asc(approvals.at));
}
