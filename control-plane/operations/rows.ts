import { and, desc, eq, gt, lt, ne, type SQL } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { organizations } from "../db/schema/organizations.ts";
import { operations } from "../db/schema/tenancies.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { OperationId, TenancyId } from "../kernel/ids.ts";

export type OperationRow = typeof operations.$inferSelect;

export interface OperationFilters {
  readonly status?: OperationRow["status"] | undefined;
  readonly tenancyId?: string | undefined;
}

const SCOPED = { organizationPath: organizations.path, cloudId: operations.cloudId };

/** One operation that the caller may see, locked where it is about to change; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string, lock = false): Promise<OperationRow> {
  const query = tx
    .select({ operation: operations })
    .from(operations)
    .innerJoin(organizations, eq(organizations.id, operations.organizationId))
    .where(and(eq(operations.id, id as OperationId), inScope(scope, SCOPED)));
  const [row] = lock ? await query.for("update", { of: operations }) : await query;
  if (row === undefined) throw fault("http.not_found");
  return row.operation;
}

/** Newest first. */
export async function listInScope(
  tx: Tx,
  scope: Scope,
  filters: OperationFilters,
  before: string,
  limit: number,
): Promise<OperationRow[]> {
  const conditions: SQL[] = [inScope(scope, SCOPED)];
  if (before !== "") conditions.push(lt(operations.id, before as OperationId));
  if (filters.status) conditions.push(eq(operations.status, filters.status));
  if (filters.tenancyId) conditions.push(eq(operations.tenancyId, filters.tenancyId as TenancyId));
  const rows = await tx
    .select({ operation: operations })
    .from(operations)
    .innerJoin(organizations, eq(organizations.id, operations.organizationId))
    .where(and(...conditions))
    .orderBy(desc(operations.id))
    .limit(limit + 1);
  return rows.map((row) => row.operation);
}

/** True where something else was begun on the tenancy after this operation. */
export async function isSuperseded(tx: Tx, { id, tenancyId }: OperationRow): Promise<boolean> {
  const [newer] = await tx
    .select({ id: operations.id })
    .from(operations)
    // A renewal touches no cloud, so it takes nothing over.
    .where(and(eq(operations.tenancyId, tenancyId), gt(operations.id, id), ne(operations.kind, "renew")))
    .limit(1);
  return newer !== undefined;
}
