import { and, asc, desc, eq, inArray, ne, sql } from "drizzle-orm";
import { organizations } from "../../db/schema/organizations.ts";
import { policyExemptions, policyRegister, policyVersions } from "../../db/schema/policies.ts";
import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import { knownId, type OrganizationId } from "../../kernel/ids.ts";
import type { Book, BookedExemption, BookedVersion } from "./book.ts";

export type VersionRow = typeof policyVersions.$inferSelect;

/** Grows with every change of what is in force, now or later. */
export async function readEpoch(tx: Tx): Promise<number> {
  const [row] = await tx.select({ epoch: policyRegister.epoch }).from(policyRegister);
  return row?.epoch ?? 0;
}

/** Everybody who changes what is in force comes through here, one after the other. */
export async function lockRegister(tx: Tx): Promise<void> {
  await tx.select().from(policyRegister).for("update");
}

/** Makes every process read again, from the commit on. */
export async function turnPage(tx: Tx): Promise<void> {
  await tx
    .insert(policyRegister)
    .values({ epoch: 1 })
    .onConflictDoUpdate({ target: policyRegister.name, set: { epoch: sql`${policyRegister.epoch} + 1` } });
}

export async function loadBook(tx: Tx): Promise<Book> {
  const versions = await tx
    .select()
    .from(policyVersions)
    .where(ne(policyVersions.status, "draft"))
    .orderBy(asc(policyVersions.id), asc(policyVersions.version));
  const exemptions = await tx.select().from(policyExemptions).orderBy(asc(policyExemptions.id));
  return {
    versions: versions.flatMap((row) => bookedVersion(row) ?? []),
    exemptions: exemptions.flatMap((row) => bookedExemption(row) ?? []),
  };
}

/** Null for a draft. */
export function bookedVersion(row: VersionRow): BookedVersion | null {
  const { pack, contentHash, document, activatedAt, retiredAt } = row;
  return activatedAt === null ? null : { pack, contentHash, document, activatedAt, retiredAt };
}

/** Null for one that was never approved. */
export function bookedExemption(row: typeof policyExemptions.$inferSelect): BookedExemption | null {
  const { id, policyIds, validations, resources, category, approvedAt, expiresOn, endedAt } = row;
  if (approvedAt === null) return null;
  return { id, policyIds, validations, resources, category, approvedAt, expiresOn, revokedAt: endedAt };
}

export async function allVersions(tx: Tx): Promise<VersionRow[]> {
  return tx.select().from(policyVersions);
}

/** Newest first. */
export async function versionsOf(tx: Tx, id: string): Promise<VersionRow[]> {
  return tx
    .select()
    .from(policyVersions)
    .where(eq(policyVersions.id, id))
    .orderBy(desc(policyVersions.version));
}

export async function findVersion(tx: Tx, id: string, version: number): Promise<VersionRow | undefined> {
  const [row] = await tx
    .select()
    .from(policyVersions)
    .where(and(eq(policyVersions.id, id), eq(policyVersions.version, version)));
  return row;
}

export async function insertVersions(
  tx: Tx,
  rows: readonly (typeof policyVersions.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(policyVersions).values([...rows]);
}

/** A draft leaves nothing behind but its audit rows. */
export async function deleteDraft(tx: Tx, { id, version }: VersionRow): Promise<void> {
  await tx.delete(policyVersions).where(and(eq(policyVersions.id, id), eq(policyVersions.version, version)));
}

/** By id; those that do not exist are left out. */
export async function organizationPaths(
  tx: Tx,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ id: organizations.id, path: organizations.path })
    .from(organizations)
    .where(
      inArray(
        organizations.id,
        ids.map((id) => knownId<OrganizationId>(id)),
      ),
    );
  return new Map(rows.map(({ id, path }) => [id, path]));
}

/** Saves a change of a row that was read at `seen.generation`. @throws generation.conflict */
export async function saveVersion(
  tx: Tx,
  seen: VersionRow,
  change: Partial<Omit<VersionRow, "id" | "version" | "generation">>,
): Promise<VersionRow> {
  const [saved] = await tx
    .update(policyVersions)
    .set({ ...change, generation: seen.generation + 1 })
    .where(
      and(
        eq(policyVersions.id, seen.id),
        eq(policyVersions.version, seen.version),
        eq(policyVersions.generation, seen.generation),
      ),
    )
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}
