import { and, asc, eq, gt, inArray, lte, ne, or, type SQL } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { commitments } from "../db/schema/commitments.ts";
import { organizations } from "../db/schema/organizations.ts";
import { inventories } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import {
  type CloudId,
  type CommitmentId,
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
} from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import type { CommitmentFilters } from "./wire.ts";

export type CommitmentRow = typeof commitments.$inferSelect;

const SCOPED = { organizationPath: organizations.path, cloudId: commitments.cloudId };

export async function listInScope(
  tx: Tx,
  scope: Scope,
  filters: CommitmentFilters,
  after: string,
  limit: number,
): Promise<CommitmentRow[]> {
  const conditions: SQL[] = [inScope(scope, SCOPED), gt(commitments.id, knownId<CommitmentId>(after))];
  const { status, quotaNodeId, organizationId, poolId, cloudId } = filters;
  if (status) conditions.push(eq(commitments.status, status));
  if (quotaNodeId) conditions.push(eq(commitments.quotaNodeId, knownId<QuotaNodeId>(quotaNodeId)));
  if (organizationId)
    conditions.push(eq(commitments.organizationId, knownId<OrganizationId>(organizationId)));
  if (poolId) conditions.push(eq(commitments.poolId, knownId<PoolId>(poolId)));
  if (cloudId) conditions.push(eq(commitments.cloudId, knownId<CloudId>(cloudId)));
  const rows = await tx
    .select({ row: commitments })
    .from(commitments)
    .leftJoin(organizations, eq(organizations.id, commitments.organizationId))
    .where(and(...conditions))
    .orderBy(asc(commitments.id))
    .limit(limit + 1);
  return rows.map(({ row }) => row);
}

/** One commitment that the caller may see; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string): Promise<CommitmentRow> {
  const [found] = await tx
    .select({ row: commitments })
    .from(commitments)
    .leftJoin(organizations, eq(organizations.id, commitments.organizationId))
    .where(and(eq(commitments.id, knownId<CommitmentId>(id)), inScope(scope, SCOPED)));
  if (found === undefined) throw fault("http.not_found");
  return found.row;
}

/** Locks the commitment, after the inventory that it is about. */
export async function lockCommitment(tx: Tx, id: CommitmentId): Promise<CommitmentRow | undefined> {
  const [row] = await tx.select().from(commitments).where(eq(commitments.id, id)).for("update");
  return row;
}

export async function insertCommitment(tx: Tx, row: typeof commitments.$inferInsert): Promise<CommitmentRow> {
  const [inserted] = await tx.insert(commitments).values(row).returning();
  if (inserted === undefined) throw new Error("insert returned no row");
  return inserted;
}

export async function saveCommitment(
  tx: Tx,
  seen: CommitmentRow,
  change: Partial<Omit<CommitmentRow, "id" | "generation">>,
): Promise<CommitmentRow> {
  const [saved] = await tx
    .update(commitments)
    .set({ ...change, generation: seen.generation + 1 })
    .where(and(eq(commitments.id, seen.id), eq(commitments.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

/** Those whose next day has come, oldest first: so that who asked first is served first. */
export async function dueCommitments(tx: Tx, today: string, limit: number): Promise<CommitmentRow[]> {
  return tx
    .select()
    .from(commitments)
    .where(
      and(
        ne(commitments.status, "expired"),
        or(
          lte(commitments.expiresAt, today),
          and(inArray(commitments.status, ["planned", "pending"]), lte(commitments.confirmBy, today)),
          and(eq(commitments.status, "guaranteed"), lte(commitments.start, today)),
        ),
      ),
    )
    .orderBy(asc(commitments.id))
    .limit(limit);
}

/** The mark by which every hold learns that the calendar decides too; the inventory is locked by the caller. */
export async function markPromised(
  tx: Tx,
  { poolId, resourceClass }: { readonly poolId: PoolId; readonly resourceClass: ResourceClass },
  promised: boolean,
): Promise<void> {
  await tx
    .update(inventories)
    .set({ promised })
    .where(and(eq(inventories.poolId, poolId), eq(inventories.resourceClass, resourceClass)));
}
