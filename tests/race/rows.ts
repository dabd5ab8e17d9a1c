import { eq, sql } from "drizzle-orm";
import { claims } from "../../control-plane/db/schema/quota.ts";
import { placements, tenancies } from "../../control-plane/db/schema/tenancies.ts";
import { queryRows, sendAhead, type Tx } from "../../control-plane/db/tx.ts";
import {
  type AccountId,
  type HoldId,
  knownId,
  type OrganizationId,
  type PlacementId,
  type RequestId,
  type SystemId,
  type TenancyId,
} from "../../control-plane/kernel/ids.ts";
import { entriesOf, type ResourceVector, vectorOf } from "../../control-plane/kernel/quantity.ts";
import type { HeldPart } from "../../control-plane/quota/held-part.ts";

/** The rows around the ledger that requests and tenancies have in production, as small as they may be. */

const ORGANIZATION = knownId<OrganizationId>("gd-guangzhou-health");
const SYSTEM = knownId<SystemId>("sys_a3");

export interface WaitingRequest {
  readonly id: RequestId;
  readonly kind: "create" | "resize";
  readonly holdId: HoldId;
  readonly tenancyId: TenancyId | null;
  readonly submittedBy: AccountId | null;
}

export function insertWaiting(tx: Tx, rows: readonly WaitingRequest[]): void {
  sendAhead(
    tx,
    tx.execute(sql`
      INSERT INTO tenancy_requests (id, kind, organization_id, system_id, submitted_by, body, status, decision, facts,
                                    hold_id, tenancy_id, created_at, updated_at)
      SELECT id, kind, ${ORGANIZATION}::text, ${SYSTEM}::text, "submittedBy", '{}', 'submitted', '{}', '{}', "holdId",
             "tenancyId", now(), now()
        FROM json_to_recordset(${JSON.stringify(rows)}::text::json)
          AS waiting (id text, kind text, "submittedBy" text, "holdId" text, "tenancyId" text)`),
  );
}

export interface ChosenHold {
  readonly requestId: RequestId;
  readonly parts: readonly HeldPart[];
}

/** One of the holds that end soonest: writers meet at the same ones, and some are too late. */
export async function someHold(tx: Tx): Promise<ChosenHold | null> {
  const [row] = await queryRows(
    tx,
    sql`SELECT request_id, parts FROM (
          SELECT request_id, parts FROM holds
           WHERE state = 'active' AND expires_at > now() + interval '50 ms' ORDER BY expires_at LIMIT 100
        ) soon ORDER BY random() LIMIT 1`,
  );
  if (row === undefined) return null;
  return { requestId: knownId(String(row.request_id)), parts: row.parts as HeldPart[] };
}

/** Any tenancy with claims in the pool. */
export async function someTenancy(tx: Tx, poolId: string): Promise<TenancyId | null> {
  const [row] = await queryRows(
    tx,
    sql`SELECT tenancy_id FROM claims WHERE pool_id = ${poolId} ORDER BY random() LIMIT 1`,
  );
  return row === undefined ? null : knownId<TenancyId>(String(row.tenancy_id));
}

export async function insertTenancy(
  tx: Tx,
  id: TenancyId,
  requestId: RequestId,
  parts: readonly HeldPart[],
  placementIds: ReadonlyMap<HeldPart["role"], PlacementId>,
): Promise<void> {
  const cloudId = parts[0]?.cloudId ?? "";
  await tx.execute(sql`
    INSERT INTO tenancies (id, organization_id, system_id, cloud_id, environment, status, granted, request_id,
                           term_start, term_end, created_at, updated_at)
    VALUES (${id}, ${ORGANIZATION}, ${SYSTEM}, ${cloudId}, 'test', 'provisioning', '{}', ${requestId},
            '2026-12-01', '2027-06-30', now(), now())`);
  for (const { role, cloudId, poolId, quotaNodeId, amounts } of parts) {
    await tx.execute(sql`
      INSERT INTO placements (id, tenancy_id, role, cloud_id, pool_id, quota_node_id, desired)
      VALUES (${placementIds.get(role) ?? ""}, ${id}, ${role}, ${cloudId}, ${poolId}, ${quotaNodeId},
              ${JSON.stringify(present(amounts))}::text::jsonb)`);
  }
}

/** What the placements of a tenancy have now, by its claims. */
export async function placementsWithClaims(tx: Tx, id: TenancyId) {
  const rows = await tx.select().from(placements).where(eq(placements.tenancyId, id));
  const claimed = await tx.select().from(claims).where(eq(claims.tenancyId, id));
  return rows.map(({ id: placementId, role, cloudId, poolId, quotaNodeId }) => {
    const own = claimed.filter((claim) => claim.placementId === placementId);
    const amounts = vectorOf(own.map(({ resourceClass, amount }) => [resourceClass, amount] as const));
    return { placementId, part: { role, cloudId, poolId, quotaNodeId, amounts } satisfies HeldPart };
  });
}

/** Has a placement want exactly what it has. */
export async function wantWhatIsClaimed(tx: Tx, id: TenancyId): Promise<void> {
  for (const { placementId, part } of await placementsWithClaims(tx, id)) {
    await tx.execute(sql`
      UPDATE placements SET desired = ${JSON.stringify(present(part.amounts))}::text::jsonb
       WHERE id = ${placementId}`);
  }
}

export async function closeTenancy(tx: Tx, id: TenancyId): Promise<void> {
  await tx.update(tenancies).set({ status: "closed" }).where(eq(tenancies.id, id));
}

function present(amounts: ResourceVector) {
  return { state: "present", tenancy: { quota: Object.fromEntries(entriesOf(amounts)) }, instances: [] };
}
