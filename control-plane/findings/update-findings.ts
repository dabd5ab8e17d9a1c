import { type AuditEvent, record } from "../audit/record.ts";
import type { Caller } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { type EventDraft, publish } from "../events/publish.ts";
import type { Clock } from "../kernel/clock.ts";
import type { CloudId, Ids } from "../kernel/ids.ts";
import type { Found } from "./finding.ts";
import { type FindingRow, insertFindings, lockUnresolved, saveFinding, seenAgain } from "./store.ts";

interface LookContext extends Caller {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Brings the findings about a cloud to what a whole look has shown: new ones open, vanished ones are resolved. */
export async function updateFindings(
  tx: Tx,
  ctx: LookContext,
  cloudId: CloudId,
  found: readonly Found[],
): Promise<void> {
  const now = ctx.clock.now();
  const keyOf = ({ kind, subject }: { kind: string; subject: string }) => `${kind} ${subject}`;
  const shown = new Map(found.map((one) => [keyOf(one), one]));
  const known = await lockUnresolved(tx, cloudId);
  const knownKeys = new Set(known.map(keyOf));
  const opened = found
    .filter((one) => !knownKeys.has(keyOf(one)))
    .map((one): FindingRow => newFinding(ctx, cloudId, one, now));
  const resolved = known
    .filter((row) => !shown.has(keyOf(row)))
    .map(
      (row): FindingRow => ({
        ...row,
        status: "resolved",
        resolvedAt: now,
        generation: row.generation + 1,
      }),
    );
  await insertFindings(tx, opened);
  for (const row of resolved) await saveFinding(tx, row);
  await seenAgain(
    tx,
    known.filter((row) => shown.has(keyOf(row))).map(({ id }) => id),
    now,
  );
  await record(tx, ctx, [
    ...opened.map((row) => findingAudit("finding.opened", row)),
    ...resolved.map((row) => findingAudit("finding.resolved", row)),
  ]);
  await publish(tx, ctx, [...opened, ...resolved].map(findingEvent));
}

function newFinding(ctx: LookContext, cloudId: CloudId, found: Found, now: Date): FindingRow {
  return {
    ...found,
    id: ctx.ids.next("fnd"),
    cloudId,
    status: "open",
    decision: null,
    firstSeenAt: now,
    lastSeenAt: now,
    resolvedAt: null,
    generation: 1,
  };
}

export function findingAudit(
  action: "finding.opened" | "finding.resolved" | "finding.ignore" | "finding.remove",
  row: FindingRow,
): AuditEvent {
  return {
    action,
    targetType: "finding",
    targetId: row.id,
    cloudId: row.cloudId,
    reason: row.decision?.reason ?? null,
    after: { kind: row.kind, subject: row.subject, status: row.status },
  };
}

export function findingEvent(row: FindingRow): EventDraft {
  return {
    type: "finding.changed",
    subjectId: row.id,
    organizationId: null,
    cloudId: row.cloudId,
    data: { kind: row.kind, status: row.status },
  };
}
