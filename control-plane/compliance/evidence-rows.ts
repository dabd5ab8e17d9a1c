import { and, asc, desc, eq, gt, isNull, lte, or, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { complianceEvidence, complianceEvidenceFiles } from "../db/schema/compliance.ts";
import { organizations, systems } from "../db/schema/organizations.ts";
import { clouds } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, type EvidenceId, knownId, type OrganizationId, type SystemId } from "../kernel/ids.ts";
import type { EvidenceRef } from "./standing.ts";

export type EvidenceRow = typeof complianceEvidence.$inferSelect;

const SCOPED = { organizationPath: organizations.path, cloudId: complianceEvidence.cloudId };

/** Everything that had been handed in by a moment and not been withdrawn by then, in one order. */
export async function evidenceBy(tx: Tx, instant: Date): Promise<EvidenceRef[]> {
  const rows = await tx
    .select()
    .from(complianceEvidence)
    .where(
      and(
        lte(complianceEvidence.uploadedAt, instant),
        or(isNull(complianceEvidence.withdrawnAt), gt(complianceEvidence.withdrawnAt, instant)),
      ),
    )
    .orderBy(asc(complianceEvidence.id));
  return rows.map(refOf);
}

function refOf(row: EvidenceRow): EvidenceRef {
  const { id, controlId, fileName, sha256, bytes, uploadedByName, uploadedAt, validFrom, validUntil } = row;
  return {
    id,
    controlId,
    coverage: { kind: row.coverageKind, id: row.coverageId },
    fileName,
    sha256,
    bytes,
    uploadedBy: uploadedByName,
    uploadedAt: uploadedAt.toISOString(),
    validFrom,
    validUntil,
  };
}

export interface EvidenceFilters {
  readonly controlId?: string | undefined;
  /** Only what is valid on this day and not withdrawn. */
  readonly validOn?: string | undefined;
}

/** Newest first. What counts for the whole province is everybody's. */
export async function listEvidence(
  tx: Tx,
  scope: Scope,
  { controlId, validOn }: EvidenceFilters,
  before: string,
  limit: number,
): Promise<EvidenceRow[]> {
  const conditions: SQL[] = [visible(scope)];
  if (before !== "") conditions.push(sql`${complianceEvidence.id} < ${before}`);
  if (controlId !== undefined) conditions.push(eq(complianceEvidence.controlId, controlId));
  if (validOn !== undefined) {
    conditions.push(
      isNull(complianceEvidence.withdrawnAt),
      sql`${validOn} BETWEEN ${complianceEvidence.validFrom} AND ${complianceEvidence.validUntil}`,
    );
  }
  const rows = await tx
    .select({ row: complianceEvidence })
    .from(complianceEvidence)
    .leftJoin(organizations, eq(organizations.id, complianceEvidence.organizationId))
    .where(and(...conditions))
    .orderBy(desc(complianceEvidence.id))
    .limit(limit + 1);
  return rows.map(({ row }) => row);
}

export async function getEvidenceInScope(
  tx: Tx,
  scope: Scope,
  id: string,
  lock = false,
): Promise<EvidenceRow> {
  const query = tx
    .select({ row: complianceEvidence })
    .from(complianceEvidence)
    .leftJoin(organizations, eq(organizations.id, complianceEvidence.organizationId))
    .where(and(eq(complianceEvidence.id, knownId<EvidenceId>(id)), visible(scope)));
  const [found] = lock ? await query.for("update", { of: complianceEvidence }) : await query;
  if (found === undefined) throw fault("http.not_found");
  return found.row;
}

function visible(scope: Scope): SQL {
  return or(eq(complianceEvidence.coverageKind, "province"), inScope(scope, SCOPED)) ?? sql`false`;
}

export async function insertEvidence(tx: Tx, row: EvidenceRow, content: Uint8Array): Promise<void> {
  await tx.insert(complianceEvidence).values(row);
  await tx.insert(complianceEvidenceFiles).values({ evidenceId: row.id, content });
}

export async function saveWithdrawal(tx: Tx, row: EvidenceRow): Promise<void> {
  await tx.update(complianceEvidence).set(row).where(eq(complianceEvidence.id, row.id));
}

export async function evidenceFile(tx: Tx, id: EvidenceId): Promise<Uint8Array> {
  const [row] = await tx
    .select({ content: complianceEvidenceFiles.content })
    .from(complianceEvidenceFiles)
    .where(eq(complianceEvidenceFiles.evidenceId, id));
  if (row === undefined) throw fault("http.not_found");
  return row.content;
}

interface CoveredPlace {
  readonly name: string;
  readonly cloudId: CloudId | null;
  readonly organizationId: OrganizationId | null;
  readonly path: string | null;
}

/** Where a cloud, an organization or a system stands for scopes; null where there is none of that name. */
export async function placeOfCoverage(
  tx: Tx,
  kind: "cloud" | "organization" | "system",
  id: string,
): Promise<CoveredPlace | null> {
  if (kind === "cloud") {
    const [row] = await tx
      .select({ id: clouds.id, name: clouds.nameZh })
      .from(clouds)
      .where(eq(clouds.id, knownId<CloudId>(id)));
    return row === undefined ? null : { name: row.name, cloudId: row.id, organizationId: null, path: null };
  }
  const query =
    kind === "organization"
      ? tx
          .select({ id: organizations.id, name: organizations.nameZh, path: organizations.path })
          .from(organizations)
          .where(eq(organizations.id, knownId<OrganizationId>(id)))
      : tx
          .select({ id: organizations.id, name: systems.name, path: organizations.path })
          .from(systems)
          .innerJoin(organizations, eq(organizations.id, systems.organizationId))
          .where(eq(systems.id, knownId<SystemId>(id)));
  const [row] = await query;
  if (row === undefined) return null;
  return { name: row.name, cloudId: null, organizationId: row.id, path: row.path };
}
