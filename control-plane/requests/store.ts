import { and, asc, desc, eq, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { insertRows } from "../db/insert-many.ts";
import { newestInScope } from "../db/newest-in-scope.ts";
import { organizations, systems } from "../db/schema/organizations.ts";
import { holds } from "../db/schema/quota.ts";
import { approvals, tenancyRequests } from "../db/schema/requests.ts";
import { keepTexts } from "../db/shared-texts.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type HoldId, knownId, type OrganizationId, type RequestId, type TenancyId } from "../kernel/ids.ts";
import { type SharedText, sharedTextOf } from "../kernel/shared-text.ts";
import type { LifeStatus } from "./lifecycle.ts";
import { UNDECIDED } from "./lifecycle.ts";
import type { TenancyRequestBody } from "./wire-body.ts";

export type RequestRow = typeof tenancyRequests.$inferSelect;
export type ApprovalRow = typeof approvals.$inferSelect;
export type HoldRow = typeof holds.$inferSelect;
export type SystemRow = typeof systems.$inferSelect;
export type OrganizationRow = typeof organizations.$inferSelect;

export interface RequestFilters {
  readonly status?: LifeStatus | undefined;
  readonly kind?: RequestRow["kind"] | undefined;
  readonly organizationId?: string | undefined;
  readonly tenancyId?: string | undefined;
  readonly overdue?: boolean | undefined;
}

const SCOPED = { organizationPath: organizations.path, cloudId: tenancyRequests.cloudId };
const LISTED = {
  table: tenancyRequests,
  id: tenancyRequests.id,
  organizationId: tenancyRequests.organizationId,
  cloudId: tenancyRequests.cloudId,
};

/** One request that the caller may see, locked where it is about to change; 404 for all others. */
export async function getInScope(tx: Tx, scope: Scope, id: string, lock = false): Promise<RequestRow> {
  const query = tx
    .select({ request: tenancyRequests })
    .from(tenancyRequests)
    .innerJoin(organizations, eq(organizations.id, tenancyRequests.organizationId))
    .where(and(eq(tenancyRequests.id, id as RequestId), inScope(scope, SCOPED)));
  const [row] = lock ? await query.for("update", { of: tenancyRequests }) : await query;
  if (row === undefined) throw fault("http.not_found");
  return row.request;
}

/** For the system's own work, which no scope restricts. */
export async function lockRequest(tx: Tx, id: RequestId): Promise<RequestRow> {
  const [row] = await tx.select().from(tenancyRequests).where(eq(tenancyRequests.id, id)).for("update");
  if (row === undefined) throw fault("http.not_found");
  return row;
}

/** Newest first. */
export async function listInScope(
  tx: Tx,
  scope: Scope,
  filters: RequestFilters,
  before: string,
  limit: number,
  now: Date,
): Promise<RequestRow[]> {
  const conditions: SQL[] = [];
  if (before !== "") conditions.push(lt(tenancyRequests.id, before as RequestId));
  if (filters.status) conditions.push(eq(tenancyRequests.status, filters.status));
  if (filters.kind) conditions.push(eq(tenancyRequests.kind, filters.kind));
  if (filters.organizationId) {
    conditions.push(eq(tenancyRequests.organizationId, filters.organizationId as OrganizationId));
  }
  if (filters.tenancyId) conditions.push(eq(tenancyRequests.tenancyId, filters.tenancyId as TenancyId));
  if (filters.overdue) conditions.push(sql`${tenancyRequests.dueAt} < ${now.toISOString()}`);
  return tx
    .select()
    .from(tenancyRequests)
    .where(newestInScope(scope, LISTED, conditions, limit + 1))
    .orderBy(desc(tenancyRequests.id))
    .limit(limit + 1);
}

/** Refusals are most of a request, and many requests are refused the same places in the same words. */
export function insertRequests(tx: Tx, rows: readonly RequestRow[]): void {
  keepTexts(tx, rows.flatMap(textsOf));
  insertRows(tx, tenancyRequests, rows);
}

function textsOf({ placement }: Pick<RequestRow, "placement">): SharedText[] {
  const text = placement === null ? null : sharedTextOf(placement.refusals);
  return text === null ? [] : [text];
}

/** Saves a change of a row that was read at `seen.generation`; somebody else's change in between is a conflict. */
export async function saveRequest(
  tx: Tx,
  seen: RequestRow,
  change: Partial<Omit<RequestRow, "id" | "generation" | "createdAt">>,
  now: Date,
): Promise<RequestRow> {
  if (change.placement) keepTexts(tx, textsOf({ placement: change.placement }));
  const [saved] = await tx
    .update(tenancyRequests)
    .set({ ...change, updatedAt: now, generation: seen.generation + 1 })
    .where(and(eq(tenancyRequests.id, seen.id), eq(tenancyRequests.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

/** An equal request of the same organization that still waits for its decision. */
export async function findOpenTwin(
  tx: Tx,
  organizationId: OrganizationId,
  body: TenancyRequestBody,
): Promise<RequestId | null> {
  const [row] = await tx
    .select({ id: tenancyRequests.id })
    .from(tenancyRequests)
    .where(
      and(
        eq(tenancyRequests.organizationId, organizationId),
        inArray(tenancyRequests.status, [...UNDECIDED]),
        sql`${tenancyRequests.body} = ${JSON.stringify(body)}::jsonb`,
      ),
    )
    .limit(1);
  return row?.id ?? null;
}

/** Another change of the same tenancy that still waits for its decision. */
export async function findOpenChange(tx: Tx, tenancyId: TenancyId): Promise<RequestId | null> {
  const [row] = await tx
    .select({ id: tenancyRequests.id })
    .from(tenancyRequests)
    .where(and(eq(tenancyRequests.tenancyId, tenancyId), inArray(tenancyRequests.status, [...UNDECIDED])))
    .limit(1);
  return row?.id ?? null;
}

export async function holdOf(tx: Tx, id: HoldId | null) {
  if (id === null) return undefined;
  const [row] = await tx.select().from(holds).where(eq(holds.id, id));
  return row;
}

export async function insertApproval(tx: Tx, row: typeof approvals.$inferInsert): Promise<void> {
  await tx.insert(approvals).values(row);
}

export async function approvalsOf(tx: Tx, requestId: RequestId): Promise<ApprovalRow[]> {
  return tx.select().from(approvals).where(eq(approvals.requestId, requestId)).orderBy(asc(approvals.at));
}

/** Undecided requests whose hold has run out, and those without a hold that nobody touched since `before`. */
export async function requestsToExpire(tx: Tx, now: Date, before: Date, limit: number): Promise<RequestId[]> {
  const rows = await tx
    .select({ id: tenancyRequests.id })
    .from(tenancyRequests)
    .leftJoin(holds, and(eq(holds.id, tenancyRequests.holdId), eq(holds.state, "active")))
    .where(
      and(
        inArray(tenancyRequests.status, [...UNDECIDED]),
        or(
          sql`${holds.expiresAt} <= ${now.toISOString()}`,
          and(isNull(tenancyRequests.holdId), sql`${tenancyRequests.updatedAt} <= ${before.toISOString()}`),
        ),
      ),
    )
    .limit(limit);
  return rows.map((row) => row.id);
}

export async function findOrganization(tx: Tx, id: OrganizationId) {
  const [row] = await tx.select().from(organizations).where(eq(organizations.id, id));
  return row;
}

export async function findSystem(
  tx: Tx,
  organizationId: OrganizationId,
  name: string,
): Promise<SystemRow | undefined> {
  const [row] = await tx
    .select()
    .from(systems)
    .where(and(eq(systems.organizationId, organizationId), eq(systems.name, name)));
  return row;
}

/** The same for several at once. */
export function findOrganizations(tx: Tx, ids: readonly OrganizationId[]): Promise<OrganizationRow[]> {
  return tx
    .select()
    .from(organizations)
    .where(inArray(organizations.id, [...ids]));
}

/** By organization and name. */
export async function findSystems(
  tx: Tx,
  wanted: readonly { readonly organizationId: string; readonly name: string }[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, SystemRow>>> {
  const named = sql`SELECT wanted."organizationId", wanted.name
    FROM jsonb_to_recordset(${asJson(wanted)}::jsonb) AS wanted ("organizationId" text, name text)`;
  const rows = await tx
    .select()
    .from(systems)
    .where(sql`(${systems.organizationId}, ${systems.name}) IN (${named})`);
  const found = new Map<string, Map<string, SystemRow>>();
  for (const row of rows) {
    const ofOrganization = found.get(row.organizationId) ?? new Map<string, SystemRow>();
    found.set(row.organizationId, ofOrganization.set(row.name, row));
  }
  return found;
}

/** For each body that has one, by its place in the list, an equal request that still waits for its decision. */
export async function findOpenTwins(
  tx: Tx,
  bodies: readonly (TenancyRequestBody & { readonly organizationId: string })[],
): Promise<ReadonlyMap<number, RequestId>> {
  const wanted = bodies.map((body, at) => ({ at, organization: body.organizationId, body }));
  const rows = await queryRows(
    tx,
    sql`SELECT wanted.at, twin.id
          FROM jsonb_to_recordset(${asJson(wanted)}::jsonb) AS wanted (at integer, organization text, body jsonb)
          JOIN LATERAL (
            SELECT id FROM tenancy_requests
             WHERE organization_id = wanted.organization AND body = wanted.body AND ${IS_UNDECIDED} LIMIT 1
          ) twin ON true`,
  );
  return new Map(rows.map(({ at, id }) => [Number(at), knownId<RequestId>(String(id))]));
}

/** In words, not as parameters: only so is it known to be what the index of undecided requests covers. */
const IS_UNDECIDED = sql.raw(`status IN (${UNDECIDED.map((status) => `'${status}'`).join(", ")})`);

function asJson(value: unknown): string {
  return JSON.stringify(value);
}

/** Two requests may name a new system at the same moment; the second one finds the first one's row. */
export async function insertSystem(tx: Tx, row: typeof systems.$inferInsert): Promise<void> {
  await tx.insert(systems).values(row).onConflictDoNothing();
}
