import { and, asc, eq, inArray, lt, sql } from "drizzle-orm";
import type { Scope } from "../authz/scope.ts";
import { inScope } from "../db/in-scope.ts";
import { organizations } from "../db/schema/organizations.ts";
import { events } from "../db/schema/tenancies.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import type { FeedEvent } from "./feed-event.ts";
import type { Position } from "./position.ts";

export interface Reading {
  /** In order; all that the scope covers between the given position and `upTo`. */
  readonly events: readonly FeedEvent[];
  /** Everything up to here has been read; later events are all after it. */
  readonly upTo: Position;
  /** True where the page was full, so that more may be waiting. */
  readonly more: boolean;
}

const SCOPED = { organizationPath: organizations.path, cloudId: events.cloudId };
const ORDER = [asc(events.transactionId), asc(events.id)] as const;

/**
 * The next events after a position. Rows of transactions that are not older than every one still in progress
 * are left for later: below that line nothing can be committed any more, so no reader passes a gap.
 */
export async function readAfter(tx: Tx, scope: Scope, after: Position, limit: number): Promise<Reading> {
  const oldest = await oldestInProgress(tx);
  const rows = await tx
    .select({
      event: events,
      transaction: sql<string>`${events.transactionId}::text`,
      path: organizations.path,
    })
    .from(events)
    .leftJoin(organizations, eq(organizations.id, events.organizationId))
    .where(
      and(
        sql`(${events.transactionId}, ${events.id}) > (${String(after.transactionId)}::xid8, ${String(after.id)}::bigint)`,
        sql`${events.transactionId} < ${String(oldest)}::xid8`,
        inScope(scope, SCOPED),
      ),
    )
    .orderBy(...ORDER)
    .limit(limit);
  const found = rows.map(({ event, transaction, path }): FeedEvent => {
    const { at, type, subjectId, organizationId, cloudId, data } = event;
    const position = { transactionId: BigInt(transaction), id: BigInt(event.id) };
    return { position, at, type, subjectId, organizationId, organizationPath: path, cloudId, data };
  });
  const last = found.at(-1);
  const more = found.length === limit && last !== undefined;
  return { events: found, upTo: more ? last.position : { transactionId: oldest, id: 0n }, more };
}

/** Where the stream stands now: nothing before it can still appear. */
export async function currentPosition(tx: Tx): Promise<Position> {
  return { transactionId: await oldestInProgress(tx), id: 0n };
}

/** False where the event is not kept any more, or never was in the scope. */
export async function isKept(tx: Tx, scope: Scope, { transactionId, id }: Position): Promise<boolean> {
  const rows = await tx
    .select({ id: events.id })
    .from(events)
    .leftJoin(organizations, eq(organizations.id, events.organizationId))
    .where(
      and(
        sql`${events.id} = ${String(id)}::bigint`,
        sql`${events.transactionId} = ${String(transactionId)}::xid8`,
        inScope(scope, SCOPED),
      ),
    );
  return rows.length > 0;
}

/** Looks at the oldest events only, so that a run is short however many are kept. */
export async function deleteOldest(tx: Tx, before: Date, batch: number): Promise<number> {
  const oldest = tx
    .select({ id: events.id })
    .from(events)
    .orderBy(...ORDER)
    .limit(batch);
  const deleted = await tx
    .delete(events)
    .where(and(inArray(events.id, oldest), lt(events.at, before)))
    .returning({ id: events.id });
  return deleted.length;
}

async function oldestInProgress(tx: Tx): Promise<bigint> {
  const [row] = await queryRows(tx, sql`SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin`);
  if (row === undefined) throw new Error("the database shows no snapshot");
  return BigInt(String(row.xmin));
}
