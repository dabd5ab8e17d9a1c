import { and, desc, eq, inArray, lt, ne, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { insertRows } from "../db/insert-many.ts";
import { newestInScope } from "../db/newest-in-scope.ts";
import { organizations } from "../db/schema/organizations.ts";
import { claims } from "../db/schema/quota.ts";
import { tenancyRequests } from "../db/schema/requests.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { CloudId, OrganizationId, PlacementId, TenancyId } from "../kernel/ids.ts";
import { entriesOf, type ResourceVector, vectorOf } from "../kernel/quantity.ts";
import type { LifeStatus } from "../requests/lifecycle.ts";

export type TenancyRow = typeof tenancies.$inferSelect;
export type PlacementRow = typeof placements.$inferSelect;

/** As `nameIn` reads it, without the rest of the wish. */
export const NAME_AT_CLOUD = sql<string>`coalesce(
  ${placements.desired} -> 'tenancy' ->> 'name', ${placements.desired} ->> 'name')`;

export interface TenancyFilters {
  readonly status?: LifeStatus | undefined;
  readonly cloudId?: string | undefined;
  readonly organizationId?: string | undefined;
}

const SCOPED = { organizationPath: organizations.path, cloudId: tenancies.cloudId };
const LISTED = {
  table: tenancies,
  id: tenancies.id,
  organizationId: tenancies.organizationId,
  cloudId: tenancies.cloudId,
};

/** One tenancy that the caller may see, locked where it is about to change; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string, lock = false): Promise<TenancyRow> {
  const query = tx
    .select({ tenancy: tenancies })
    .from(tenancies)
    .innerJoin(organizations, eq(organizations.id, tenancies.organizationId))
    .where(and(eq(tenancies.id, id as TenancyId), inScope(scope, SCOPED)));
  const [row] = lock ? await query.for("update", { of: tenancies }) : await query;
  if (row === undefined) throw fault("http.not_found");
  return row.tenancy;
}

export async function lockTenancy(tx: Tx, id: TenancyId): Promise<TenancyRow | undefined> {
  const [row] = await tx.select().from(tenancies).where(eq(tenancies.id, id)).for("update");
  return row;
}

/** Newest first. */
export async function listInScope(
  tx: Tx,
  scope: Scope,
  filters: TenancyFilters,
  before: string,
  limit: number,
): Promise<TenancyRow[]> {
  const conditions: SQL[] = [];
  if (before !== "") conditions.push(lt(tenancies.id, before as TenancyId));
  if (filters.status) conditions.push(eq(tenancies.status, filters.status));
  if (filters.cloudId) conditions.push(sql`${tenancies.cloudId} = ${filters.cloudId}`);
  if (filters.organizationId) {
    conditions.push(eq(tenancies.organizationId, filters.organizationId as OrganizationId));
  }
  return tx
    .select()
    .from(tenancies)
    .where(newestInScope(scope, LISTED, conditions, limit + 1))
    .orderBy(desc(tenancies.id))
    .limit(limit + 1);
}

export function insertTenancies(tx: Tx, rows: readonly TenancyRow[]): void {
  insertRows(tx, tenancies, rows);
}

/** Saves a change of a row that was read at `seen.generation`; somebody else's change in between is a conflict. */
export async function saveTenancy(
  tx: Tx,
  seen: TenancyRow,
  change: Partial<Omit<TenancyRow, "id" | "generation" | "createdAt">>,
  now: Date,
): Promise<TenancyRow> {
  const [saved] = await tx
    .update(tenancies)
    .set({ ...change, updatedAt: now, generation: seen.generation + 1 })
    .where(and(eq(tenancies.id, seen.id), eq(tenancies.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

/** The request that created the tenancy shows the same status (see `requests/lifecycle.ts`). */
export async function mirrorStatus(tx: Tx, row: TenancyRow, now: Date): Promise<void> {
  await tx
    .update(tenancyRequests)
    .set({
      status: row.status,
      dueAt: null,
      updatedAt: now,
      generation: sql`${tenancyRequests.generation} + 1`,
    })
    .where(and(eq(tenancyRequests.id, row.requestId), sql`${tenancyRequests.status} <> ${row.status}`));
}

export async function placementsOf(tx: Tx, tenancyId: TenancyId): Promise<PlacementRow[]> {
  return tx.select().from(placements).where(eq(placements.tenancyId, tenancyId)).orderBy(placements.role);
}

/** What live placements on a cloud are called there. */
export async function livePlacementNames(tx: Tx, cloudId: CloudId): Promise<Set<string>> {
  const rows = await tx
    .select({ name: NAME_AT_CLOUD })
    .from(placements)
    .innerJoin(tenancies, eq(tenancies.id, placements.tenancyId))
    .where(and(eq(placements.cloudId, cloudId), ne(tenancies.status, "closed")));
  return new Set(rows.map(({ name }) => name));
}

/** What each placement holds now, from its claims. */
export async function claimedBy(tx: Tx, tenancyId: TenancyId): Promise<Map<PlacementId, ResourceVector>> {
  const rows = await tx.select().from(claims).where(eq(claims.tenancyId, tenancyId));
  const grouped = new Map<PlacementId, ResourceVector>();
  for (const row of rows) {
    const before = grouped.get(row.placementId) ?? {};
    grouped.set(row.placementId, vectorOf([...entriesOf(before), [row.resourceClass, row.amount]]));
  }
  return grouped;
}

export function insertPlacements(tx: Tx, rows: readonly PlacementRow[]): void {
  insertRows(tx, placements, rows);
}

/** A new wish raises the generation; the reconciler works until the observed one has caught up. */
export async function desirePlacement(
  tx: Tx,
  id: PlacementId,
  desired: PlacementRow["desired"],
): Promise<void> {
  await tx
    .update(placements)
    .set({
      desired,
      desiredGeneration: sql`${placements.desiredGeneration} + 1`,
      driftFields: 0,
      // What is made again has to be wiped again.
      ...(desired.state === "present" ? { wipeReceipt: null } : {}),
    })
    .where(eq(placements.id, id));
}

/** Tenancies whose term has ended and that still run. */
export async function tenanciesPastTerm(tx: Tx, today: string, limit: number): Promise<TenancyId[]> {
  const rows = await tx
    .select({ id: tenancies.id })
    .from(tenancies)
    .where(and(lt(tenancies.termEnd, today), inArray(tenancies.status, ["trial", "in_service"])))
    .limit(limit);
  return rows.map((row) => row.id);
}
