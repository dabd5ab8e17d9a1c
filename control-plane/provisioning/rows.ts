import { and, desc, eq, inArray, ne, sql } from "drizzle-orm";
import { insertRows } from "../db/insert-many.ts";
import { intents, operations, placements, tenancies } from "../db/schema/tenancies.ts";
import { clouds } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { PlacementId, TenancyId } from "../kernel/ids.ts";
import { LIVE } from "../requests/lifecycle.ts";
import type { PlacementRow } from "../tenancies/store.ts";
import type { ObservedPlacement } from "./desired.ts";
import { driftOf } from "./drift.ts";
import type { Station } from "./lanes.ts";

export type OperationRow = typeof operations.$inferSelect;
export type NewOperation = typeof operations.$inferInsert;
export type IntentRow = typeof intents.$inferSelect;

export async function insertOperation(tx: Tx, row: typeof operations.$inferInsert): Promise<OperationRow> {
  const [inserted] = await tx.insert(operations).values(row).returning();
  if (inserted === undefined) throw new Error("insert returned no row");
  return inserted;
}

export function insertOperations(tx: Tx, rows: readonly NewOperation[]): void {
  insertRows(tx, operations, rows);
}

/**
 * The operation that is being worked on for a tenancy, or that failed and was not followed by another.
 * Renewals touch no cloud and are never open.
 */
export async function openOperation(tx: Tx, tenancyId: TenancyId): Promise<OperationRow | undefined> {
  const [row] = await tx
    .select()
    .from(operations)
    .where(and(eq(operations.tenancyId, tenancyId), ne(operations.kind, "renew")))
    .orderBy(desc(operations.id))
    .limit(1)
    .for("update");
  return row?.status === "succeeded" ? undefined : row;
}

export async function saveOperation(
  tx: Tx,
  seen: OperationRow,
  change: Partial<Omit<OperationRow, "id" | "generation" | "createdAt">>,
  now: Date,
): Promise<OperationRow> {
  const [saved] = await tx
    .update(operations)
    .set({ ...change, updatedAt: now, generation: seen.generation + 1 })
    .where(and(eq(operations.id, seen.id), eq(operations.generation, seen.generation)))
    .returning();
  if (saved === undefined) throw fault("generation.conflict", { id: seen.id });
  return saved;
}

/**
 * Written before the call, so that a crash after it is followed by the same call with the same token.
 * Null where the placement's wish is no longer the one that was read.
 */
export async function recordIntent(
  tx: Tx,
  { id: placementId, desiredGeneration }: { id: PlacementId; desiredGeneration: number },
  step: string,
  now: Date,
): Promise<IntentRow | null> {
  const [current] = await tx
    .select({ generation: placements.desiredGeneration })
    .from(placements)
    .where(eq(placements.id, placementId))
    .for("share");
  if (current?.generation !== desiredGeneration) return null;
  const [row] = await tx
    .insert(intents)
    .values({
      placementId,
      step,
      desiredGeneration,
      clientToken: `${placementId}.${desiredGeneration}.${step}`,
      attempts: 1,
      createdAt: now,
      updatedAt: now,
    })
    .onConflictDoUpdate({
      target: [intents.placementId, intents.step, intents.desiredGeneration],
      set: {
        attempts: sql`${intents.attempts} + 1`,
        vainRepeats: sql`CASE WHEN ${intents.state} = 'done' THEN ${intents.vainRepeats} + 1 ELSE 0 END`,
        updatedAt: now,
        state: "recorded",
      },
    })
    .returning();
  if (row === undefined) throw new Error("insert returned no row");
  return row;
}

export async function settleIntent(
  tx: Tx,
  id: number,
  state: "done" | "failed",
  lastError: string | null,
  now: Date,
): Promise<void> {
  await tx.update(intents).set({ state, lastError, updatedAt: now }).where(eq(intents.id, id));
}

/** Before it has been reached once, a difference from the wish is work in progress and no drift. */
export async function saveObserved(
  tx: Tx,
  { id, desired, desiredGeneration }: Pick<PlacementRow, "id" | "desired" | "desiredGeneration">,
  observed: ObservedPlacement,
  observedGeneration: number,
  now: Date,
): Promise<void> {
  const driftFields = observedGeneration >= desiredGeneration ? driftOf(desired, observed).length : 0;
  await tx
    .update(placements)
    .set({ observed, observedGeneration, observedAt: now, driftFields })
    .where(eq(placements.id, id));
}

export async function saveWipeReceipt(
  tx: Tx,
  id: PlacementId,
  receipt: typeof placements.$inferSelect.wipeReceipt,
): Promise<void> {
  await tx.update(placements).set({ wipeReceipt: receipt }).where(eq(placements.id, id));
}

/** The clouds of a tenancy, each once. */
export async function stationsOf(tx: Tx, tenancyId: TenancyId): Promise<Station[]> {
  return tx
    .selectDistinct({ cloudId: clouds.id, reachable: clouds.reachable })
    .from(placements)
    .innerJoin(clouds, eq(clouds.id, placements.cloudId))
    .where(eq(placements.tenancyId, tenancyId));
}

/** Of every cloud in turn: many that one cloud does not let converge must not keep those of another out of the batch. */
const IN_TURN = sql`row_number() OVER (PARTITION BY min(${tenancies.cloudId}) ORDER BY min(${placements.observedAt}))`;

/** Tenancies that have not caught up with what is desired and that nothing holds back. */
export async function unconvergedTenancies(tx: Tx, limit: number): Promise<TenancyId[]> {
  const rows = await tx
    .select({ id: placements.tenancyId })
    .from(placements)
    .innerJoin(tenancies, eq(tenancies.id, placements.tenancyId))
    .where(
      and(
        sql`${placements.observedGeneration} < ${placements.desiredGeneration}`,
        // A failure that only a person can mend waits for that person, unless something else is wanted since.
        sql`coalesce((
          SELECT newest.status <> 'failed' OR (newest.error ->> 'transient')::boolean FROM operations newest
           WHERE newest.tenancy_id = ${tenancies.id} AND newest.kind <> 'renew' ORDER BY newest.id DESC LIMIT 1
        ), true)`,
      ),
    )
    .groupBy(placements.tenancyId)
    .orderBy(IN_TURN)
    .limit(limit);
  return rows.map((row) => row.id);
}

/**
 * Live tenancies whose last look at the cloud is older than `before`, of each cloud the oldest first. Those of a cloud
 * that does not answer wait for it.
 */
export async function tenanciesToObserve(tx: Tx, before: Date, limit: number): Promise<TenancyId[]> {
  const rows = await tx
    .select({ id: placements.tenancyId })
    .from(placements)
    .innerJoin(tenancies, eq(tenancies.id, placements.tenancyId))
    .innerJoin(clouds, and(eq(clouds.id, placements.cloudId), clouds.reachable))
    .where(
      and(
        inArray(tenancies.status, [...LIVE]),
        sql`${placements.observedGeneration} >= ${placements.desiredGeneration}`,
        sql`${placements.observedAt} < ${before.toISOString()}`,
      ),
    )
    .groupBy(placements.tenancyId)
    .orderBy(IN_TURN)
    .limit(limit);
  return rows.map((row) => row.id);
}
