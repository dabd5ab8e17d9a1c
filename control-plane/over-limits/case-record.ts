import type { AuditAction } from "../audit/actions.ts";
import type { AuditEvent } from "../audit/record.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import { usersOf } from "./rows.ts";
import { type OverLimitRow, overLimitView } from "./store.ts";

export function caseAudit(action: AuditAction, before: OverLimitRow | null, after: OverLimitRow): AuditEvent {
  return {
    action,
    targetType: "over_limit",
    targetId: after.id,
    organizationId: after.organizationId,
    cloudId: after.cloudId,
    before: before === null ? null : overLimitView(before),
    after: overLimitView(after),
  };
}

/** One for the place itself, and one for each organization that uses it: nobody is to hear of it too late. */
export async function caseEvents(tx: Tx, row: OverLimitRow): Promise<EventDraft[]> {
  const { id, nodeId, poolId, resourceClass, choice, phase, until, over, notices } = row;
  const data = {
    nodeId,
    poolId,
    resourceClass,
    choice,
    phase,
    over,
    until: until?.toISOString() ?? null,
    daysLeft: notices.at(-1)?.daysLeft ?? null,
    closed: row.closedAt !== null,
  };
  const users = await usersOf(tx, row);
  const concerned = [row.organizationId, ...users.filter((user) => user !== row.organizationId)];
  return concerned.map((organizationId) => ({
    type: "over_limit.changed",
    subjectId: id,
    organizationId,
    // The cloud's own people hear of it once.
    cloudId: organizationId === row.organizationId ? row.cloudId : null,
    data,
  }));
}
