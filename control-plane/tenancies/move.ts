import type { AuditAction } from "../audit/actions.ts";
import type { AuditEvent } from "../audit/record.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import type { Clock } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import { type LifeStatus, mayBecome, TRANSITIONS } from "../requests/lifecycle.ts";
import { mirrorStatus, saveTenancy, type TenancyRow } from "./store.ts";

export interface Moved {
  readonly tenancy: TenancyRow;
  readonly audit: AuditEvent;
  readonly event: EventDraft;
}

type Change = Partial<Omit<TenancyRow, "id" | "generation" | "createdAt" | "status">>;

/** The one way in which a tenancy changes its status: along the table, with its audit row and event. */
export async function moveTenancy(
  tx: Tx,
  ctx: { clock: Clock },
  before: TenancyRow,
  to: LifeStatus,
  action: AuditAction,
  change: Change = {},
): Promise<Moved> {
  if (!mayBecome(before.status, to)) {
    const possible = TRANSITIONS[before.status];
    throw fault("tenancy.invalid_transition", { from: before.status, to, possible });
  }
  const now = ctx.clock.now();
  const after = await saveTenancy(tx, before, { ...change, status: to }, now);
  await mirrorStatus(tx, after, now);
  return { tenancy: after, audit: tenancyAudit(action, before, after), event: tenancyEvent(after) };
}

export function tenancyAudit(action: AuditAction, before: TenancyRow | null, after: TenancyRow): AuditEvent {
  return {
    action,
    targetType: "tenancy",
    targetId: after.id,
    organizationId: after.organizationId,
    cloudId: after.cloudId,
    reason: after.statusReason,
    before: before === null ? null : auditView(before),
    after: auditView(after),
  };
}

export function tenancyEvent(row: TenancyRow): EventDraft {
  return {
    type: "tenancy.changed",
    subjectId: row.id,
    organizationId: row.organizationId,
    cloudId: row.cloudId,
    data: { status: row.status, generation: row.generation },
  };
}

function auditView(row: TenancyRow) {
  const { status, termStart, termEnd, granted, confirmations, changeRequestId } = row;
  const { resources, planHash } = granted;
  return { status, termStart, termEnd, resources, planHash, changeRequestId, confirmations };
}
