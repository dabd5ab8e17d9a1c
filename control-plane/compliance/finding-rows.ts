import { and, asc, count, desc, eq, gt, inArray, lte, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { insertRows } from "../db/insert-many.ts";
import { complianceFindingEvents, complianceFindings } from "../db/schema/compliance.ts";
import { organizations } from "../db/schema/organizations.ts";
import { clouds } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type CloudId, type ComplianceFindingId, knownId } from "../kernel/ids.ts";
import type { Severity } from "../policy/schema.ts";
import type { FindingStatus } from "./lifecycle.ts";

export type ComplianceFindingRow = typeof complianceFindings.$inferSelect;

/** Everything that is known about some units, resolved or not, locked. */
export async function lockFindingsOf(tx: Tx, units: readonly string[]): Promise<ComplianceFindingRow[]> {
  if (units.length === 0) return [];
  return tx
    .select()
    .from(complianceFindings)
    .where(inArray(complianceFindings.unit, [...units]))
    .for("update");
}

export function insertFindings(tx: Tx, rows: readonly ComplianceFindingRow[]): void {
  insertRows(tx, complianceFindings, rows);
}

/** Appends what findings have become, for those who ask later how they were on a day. */
export function insertFindingEvents(
  tx: Tx,
  rows: readonly (typeof complianceFindingEvents.$inferInsert)[],
): void {
  insertRows(tx, complianceFindingEvents, rows);
}

/** Findings that an assessment found as they were: only the time is new. */
export async function seenAgain(tx: Tx, ids: readonly ComplianceFindingId[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .update(complianceFindings)
    .set({ lastSeenAt: at })
    .where(inArray(complianceFindings.id, [...ids]));
}

export async function saveFinding(tx: Tx, row: ComplianceFindingRow): Promise<void> {
  await tx.update(complianceFindings).set(row).where(eq(complianceFindings.id, row.id));
}

/** Units that have open findings and that a whole run has not met: they are gone. */
export async function unitsNotSeenSince(tx: Tx, at: Date, limit: number): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ unit: complianceFindings.unit })
    .from(complianceFindings)
    .where(
      and(
        sql`${complianceFindings.status} <> 'resolved'`,
        sql`${complianceFindings.lastSeenAt} < ${at.toISOString()}`,
      ),
    )
    .limit(limit);
  return rows.map(({ unit }) => unit);
}

const SCOPED = { organizationPath: organizations.path, cloudId: complianceFindings.cloudId };

export interface FindingFilters {
  readonly status?: FindingStatus | undefined;
  readonly framework?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly cloudId?: string | undefined;
  readonly controlId?: string | undefined;
  /** Pending, and due before this day. */
  readonly overdueOn?: string | undefined;
}

/** In the order in which they were found. */
export async function listFindings(
  tx: Tx,
  scope: Scope,
  filters: FindingFilters,
  after: string,
  limit: number,
): Promise<ComplianceFindingRow[]> {
  const { status, framework, severity, cloudId, controlId, overdueOn } = filters;
  const table = complianceFindings;
  const conditions: SQL[] = [inScope(scope, SCOPED), gt(table.id, knownId<ComplianceFindingId>(after))];
  if (status !== undefined) conditions.push(eq(table.status, status));
  if (framework !== undefined) conditions.push(eq(table.framework, framework));
  if (severity !== undefined) conditions.push(eq(table.severity, severity));
  if (cloudId !== undefined) conditions.push(eq(table.cloudId, knownId<CloudId>(cloudId)));
  if (controlId !== undefined) conditions.push(eq(table.controlId, controlId));
  if (overdueOn !== undefined) conditions.push(overdue(overdueOn));
  const rows = await tx
    .select({ row: table })
    .from(table)
    .leftJoin(organizations, eq(organizations.id, table.organizationId))
    .where(and(...conditions))
    .orderBy(asc(table.id))
    .limit(limit + 1);
  return rows.map(({ row }) => row);
}

function overdue(day: string): SQL {
  return sql`${complianceFindings.dueOn} < ${day} AND ${complianceFindings.status} NOT IN ('resolved', 'exempted')`;
}

/** How many are overdue, by severity. */
export async function countOverdue(
  tx: Tx,
  scope: Scope,
  framework: string | undefined,
  day: string,
): Promise<{ severity: Severity; count: number }[]> {
  const table = complianceFindings;
  return tx
    .select({ severity: table.severity, count: count() })
    .from(table)
    .leftJoin(organizations, eq(organizations.id, table.organizationId))
    .where(
      and(
        inScope(scope, SCOPED),
        overdue(day),
        ...(framework === undefined ? [] : [eq(table.framework, framework)]),
      ),
    )
    .groupBy(table.severity)
    .orderBy(asc(table.severity));
}

/** One finding that the caller may see, with the path of its organization; 404 for all others. */
export async function getFindingInScope(tx: Tx, scope: Scope, id: string, lock = false) {
  const query = tx
    .select({ row: complianceFindings, path: organizations.path, operatingModel: clouds.operatingModel })
    .from(complianceFindings)
    .leftJoin(organizations, eq(organizations.id, complianceFindings.organizationId))
    .leftJoin(clouds, eq(clouds.id, complianceFindings.cloudId))
    .where(and(eq(complianceFindings.id, knownId<ComplianceFindingId>(id)), inScope(scope, SCOPED)));
  const [found] = lock ? await query.for("update", { of: complianceFindings }) : await query;
  if (found === undefined) throw fault("http.not_found");
  return found;
}

export type FindingEventRow = typeof complianceFindingEvents.$inferSelect;

export async function eventsOf(tx: Tx, id: ComplianceFindingId): Promise<FindingEventRow[]> {
  return tx
    .select()
    .from(complianceFindingEvents)
    .where(eq(complianceFindingEvents.findingId, id))
    .orderBy(asc(complianceFindingEvents.id));
}

/** How findings about some resources stood at a moment, by resource and control. */
export interface FindingThen {
  readonly id: ComplianceFindingId;
  readonly resourceKey: string;
  readonly controlId: string;
  readonly owner: string;
  readonly firstSeenAt: Date;
  readonly status: FindingStatus;
  readonly assignee: string | null;
  readonly dueOn: string;
}

export async function findingsThen(tx: Tx, units: readonly string[], instant: Date): Promise<FindingThen[]> {
  if (units.length === 0) return [];
  const { findingId, at, id, status, assignee, dueOn } = complianceFindingEvents;
  return tx
    .selectDistinctOn([findingId], {
      id: complianceFindings.id,
      resourceKey: complianceFindings.resourceKey,
      controlId: complianceFindings.controlId,
      owner: complianceFindings.owner,
      firstSeenAt: complianceFindings.firstSeenAt,
      status,
      assignee,
      dueOn,
    })
    .from(complianceFindingEvents)
    .innerJoin(complianceFindings, eq(complianceFindings.id, findingId))
    .where(and(inArray(complianceFindings.unit, [...units]), lte(at, instant)))
    .orderBy(findingId, desc(id));
}
