import { and, asc, eq, gt, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { RoleName } from "../../authz/roles.ts";
import type { Scope } from "../../authz/scope.ts";
import { inScope } from "../../db/in-scope.ts";
import { accounts, roleGrants } from "../../db/schema/accounts.ts";
import { organizations } from "../../db/schema/organizations.ts";
import { policyExemptions } from "../../db/schema/policies.ts";
import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import { type AccountId, type ExemptionId, knownId, type OrganizationId } from "../../kernel/ids.ts";

export type ExemptionRow = typeof policyExemptions.$inferSelect;

const SCOPED = { organizationPath: organizations.path, cloudId: policyExemptions.cloudId };

interface Filters {
  readonly status?: ExemptionRow["status"] | undefined;
  readonly policyId?: string | undefined;
  readonly endsBefore?: string | undefined;
}

export async function listInScope(
  tx: Tx,
  scope: Scope,
  { status, policyId, endsBefore }: Filters,
  after: string,
  limit: number,
): Promise<ExemptionRow[]> {
  const conditions: SQL[] = [inScope(scope, SCOPED), gt(policyExemptions.id, knownId<ExemptionId>(after))];
  if (status) conditions.push(eq(policyExemptions.status, status));
  if (policyId) conditions.push(sql`${policyExemptions.policyIds} @> ${JSON.stringify([policyId])}::jsonb`);
  if (endsBefore) {
    conditions.push(
      eq(policyExemptions.status, "approved"),
      sql`${policyExemptions.expiresOn} < ${endsBefore}`,
    );
  }
  const rows = await tx
    .select({ row: policyExemptions })
    .from(policyExemptions)
    .innerJoin(organizations, eq(organizations.id, policyExemptions.organizationId))
    .where(and(...conditions))
    .orderBy(asc(policyExemptions.id))
    .limit(limit + 1);
  return rows.map(({ row }) => row);
}

/** One that the caller may see, locked where it is about to change; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string, lock = false): Promise<ExemptionRow> {
  const query = tx
    .select({ row: policyExemptions })
    .from(policyExemptions)
    .innerJoin(organizations, eq(organizations.id, policyExemptions.organizationId))
    .where(and(eq(policyExemptions.id, knownId<ExemptionId>(id)), inScope(scope, SCOPED)));
  const [found] = lock ? await query.for("update", { of: policyExemptions }) : await query;
  if (found === undefined) throw fault("http.not_found");
  return found.row;
}

/** Approved ones of which a notice could be due: they end by `day`, and their end was not recorded. */
export async function endingBy(tx: Tx, day: string, limit: number): Promise<ExemptionId[]> {
  const unfinished = or(isNull(policyExemptions.noticedDays), gt(policyExemptions.noticedDays, 0));
  const rows = await tx
    .select({ id: policyExemptions.id })
    .from(policyExemptions)
    .where(and(eq(policyExemptions.status, "approved"), lte(policyExemptions.expiresOn, day), unfinished))
    .orderBy(asc(policyExemptions.expiresOn))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Undefined where another worker has it. */
export async function lockFree(tx: Tx, id: ExemptionId): Promise<ExemptionRow | undefined> {
  const [row] = await tx
    .select()
    .from(policyExemptions)
    .where(eq(policyExemptions.id, id))
    .for("update", { skipLocked: true });
  return row;
}

export async function insertExemption(tx: Tx, row: ExemptionRow): Promise<void> {
  await tx.insert(policyExemptions).values(row);
}

/** Saves a change of a row that is locked. */
export async function saveExemption(
  tx: Tx,
  seen: ExemptionRow,
  change: Partial<Omit<ExemptionRow, "id" | "generation">>,
): Promise<ExemptionRow> {
  const [saved] = await tx
    .update(policyExemptions)
    .set({ ...change, generation: seen.generation + 1 })
    .where(and(eq(policyExemptions.id, seen.id), eq(policyExemptions.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

export async function pathOf(tx: Tx, id: OrganizationId): Promise<string | undefined> {
  const [row] = await tx
    .select({ path: organizations.path })
    .from(organizations)
    .where(eq(organizations.id, id));
  return row?.path;
}

/** The roles of an account that can act; none where there is no such account. */
export async function rolesOf(tx: Tx, id: AccountId): Promise<RoleName[]> {
  const rows = await tx
    .select({ role: roleGrants.role })
    .from(roleGrants)
    .innerJoin(accounts, eq(accounts.id, roleGrants.accountId))
    .where(and(eq(accounts.id, id), eq(accounts.disabled, false)));
  return rows.map(({ role }) => role);
}
