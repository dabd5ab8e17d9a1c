import { and, asc, eq, exists, gt, inArray, or, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { containsText } from "../db/contains-text.ts";
import { inScope } from "../db/in-scope.ts";
import { organizations, systems } from "../db/schema/organizations.ts";
import { tenancyRequests } from "../db/schema/requests.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { knownId, type OrganizationId, type SystemId } from "../kernel/ids.ts";
import type { OrganizationFilters, SystemFilters } from "./wire.ts";

export type OrganizationRow = typeof organizations.$inferSelect;
export type SystemRow = typeof systems.$inferSelect;

export async function listOrganizations(
  tx: Tx,
  filters: OrganizationFilters,
  after: string,
  limit: number,
): Promise<OrganizationRow[]> {
  const conditions: SQL[] = [gt(organizations.id, knownId<OrganizationId>(after))];
  if (filters.parentId)
    conditions.push(eq(organizations.parentId, knownId<OrganizationId>(filters.parentId)));
  if (filters.kind) conditions.push(eq(organizations.kind, filters.kind));
  if (filters.level) conditions.push(eq(organizations.level, filters.level));
  if (filters.jurisdiction) conditions.push(eq(organizations.jurisdictionCode, filters.jurisdiction));
  if (filters.q) {
    conditions.push(containsText([organizations.id, organizations.nameZh, organizations.nameEn], filters.q));
  }
  return tx
    .select()
    .from(organizations)
    .where(and(...conditions))
    .orderBy(asc(organizations.id))
    .limit(limit + 1);
}

export async function getOrganizationRow(tx: Tx, id: string): Promise<OrganizationRow> {
  const [row] = await tx
    .select()
    .from(organizations)
    .where(eq(organizations.id, knownId<OrganizationId>(id)));
  if (row === undefined) throw fault("http.not_found");
  return row;
}

export async function listSystems(
  tx: Tx,
  scope: Scope,
  filters: SystemFilters,
  after: string,
  limit: number,
): Promise<SystemRow[]> {
  const conditions = [visible(tx, scope), gt(systems.id, knownId<SystemId>(after))];
  if (filters.organizationId) {
    conditions.push(eq(systems.organizationId, knownId<OrganizationId>(filters.organizationId)));
  }
  if (filters.mlpsLevel) conditions.push(eq(systems.mlpsLevel, filters.mlpsLevel));
  const rows = await tx
    .select({ system: systems })
    .from(systems)
    .innerJoin(organizations, eq(organizations.id, systems.organizationId))
    .where(and(...conditions))
    .orderBy(asc(systems.id))
    .limit(limit + 1);
  return rows.map(({ system }) => system);
}

export async function getSystemInScope(tx: Tx, scope: Scope, id: string): Promise<SystemRow> {
  const [row] = await tx
    .select({ system: systems })
    .from(systems)
    .innerJoin(organizations, eq(organizations.id, systems.organizationId))
    .where(and(eq(systems.id, knownId<SystemId>(id)), visible(tx, scope)));
  if (row === undefined) throw fault("http.not_found");
  return row.system;
}

/** Systems of the caller's own departments, and those for which something is asked of the caller's clouds. */
function visible(tx: Tx, scope: Scope): SQL {
  const own = inScope(scope, { organizationPath: organizations.path });
  if (scope.everywhere || scope.cloudIds.length === 0) return own;
  const asked = tx
    .select({ one: sql`1` })
    .from(tenancyRequests)
    .where(
      and(eq(tenancyRequests.systemId, systems.id), inArray(tenancyRequests.cloudId, [...scope.cloudIds])),
    );
  return or(own, exists(asked)) ?? own;
}
