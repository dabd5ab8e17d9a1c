import { and, eq, gt, gte, inArray, or, sql } from "drizzle-orm";
import { auditEntries } from "../db/schema/audit.ts";
import { complianceEvidence, complianceFollow } from "../db/schema/compliance.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { LIVE } from "../requests/lifecycle.ts";

const FOLLOW_LOCK = 7_260_615;

/** False where another worker follows at this moment; held to the end of the transaction. */
export async function tryFollowLock(tx: Tx): Promise<boolean> {
  const [row] = await queryRows(tx, sql`SELECT pg_try_advisory_xact_lock(${FOLLOW_LOCK}) AS taken`);
  return row?.taken === true;
}

/** How far the stream of events has been read; undefined before the first run. */
export async function followedTo(tx: Tx): Promise<string | undefined> {
  const [row] = await tx.select().from(complianceFollow);
  return row?.position;
}

export async function saveFollowed(tx: Tx, position: string): Promise<void> {
  await tx
    .insert(complianceFollow)
    .values({ position })
    .onConflictDoUpdate({ target: complianceFollow.name, set: { position } });
}

/** Whether the province's documents, or what counts as evidence, have changed since a moment: that may concern all. */
export async function changedForAll(tx: Tx, since: Date): Promise<boolean> {
  const applied = tx
    .select({ one: sql`1` })
    .from(auditEntries)
    .where(and(eq(auditEntries.action, "province.apply"), gte(auditEntries.at, since)));
  const handedIn = tx
    .select({ one: sql`1` })
    .from(complianceEvidence)
    .where(or(gte(complianceEvidence.uploadedAt, since), gt(complianceEvidence.withdrawnAt, since)));
  const [row] = await queryRows(tx, sql`SELECT EXISTS ${applied} OR EXISTS ${handedIn} AS changed`);
  return row?.changed === true;
}

/** Living tenancies that have a part at one of the clouds. */
export async function tenanciesAt(tx: Tx, cloudIds: readonly string[]): Promise<string[]> {
  if (cloudIds.length === 0) return [];
  const rows = await tx
    .selectDistinct({ id: placements.tenancyId })
    .from(placements)
    .innerJoin(tenancies, eq(tenancies.id, placements.tenancyId))
    .where(
      and(
        inArray(
          placements.cloudId,
          cloudIds.map((id) => knownId<CloudId>(id)),
        ),
        inArray(tenancies.status, [...LIVE]),
      ),
    );
  return rows.map(({ id }) => id);
}
