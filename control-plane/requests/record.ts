import type { AuditAction } from "../audit/actions.ts";
import type { AuditEvent } from "../audit/record.ts";
import type { EventDraft } from "../events/publish.ts";
import type { RequestRow } from "./store.ts";

/** What the audit log keeps of a request: who wanted what, and what it was decided on. */
export function requestAudit(action: AuditAction, before: RequestRow | null, after: RequestRow): AuditEvent {
  return {
    action,
    targetType: "tenancy_request",
    targetId: after.id,
    organizationId: after.organizationId,
    cloudId: after.cloudId,
    reason: after.reason,
    before: before === null ? null : auditView(before),
    after:
      before === null
        ? { ...auditView(after), body: after.body, decision: after.decision }
        : auditView(after),
  };
}

export function requestEvent(row: RequestRow): EventDraft {
  return {
    type: "request.changed",
    subjectId: row.id,
    organizationId: row.organizationId,
    cloudId: row.cloudId,
    data: { status: row.status, outcome: row.decision.outcome, generation: row.generation },
  };
}

function auditView({ status, planHash, holdId, tenancyId, operationId, plan }: RequestRow) {
  return { status, planHash, holdId, tenancyId, operationId, resources: plan?.resources ?? null };
}
