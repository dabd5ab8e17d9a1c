import type { AuditAction } from "../../audit/actions.ts";
import type { AuditEvent } from "../../audit/record.ts";
import type { EventDraft } from "../../events/publish.ts";
import { endOfChinaDate } from "../../kernel/calendar.ts";
import type { ExemptionRow } from "./rows.ts";
import type { Exemption } from "./wire.ts";

export function exemptionView(row: ExemptionRow, now: Date): Exemption {
  const endsAt = endOfChinaDate(row.expiresOn);
  const over = row.status === "approved" && endsAt <= now;
  const { noticedDays: _, ...shown } = row;
  return {
    ...shown,
    status: over ? "expired" : row.status,
    requestedAt: row.requestedAt.toISOString(),
    approvedAt: row.approvedAt?.toISOString() ?? null,
    endsAt: endsAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export function exemptionAudit(
  action: Extract<AuditAction, `exemption.${string}`>,
  before: ExemptionRow | null,
  row: ExemptionRow,
  more: Readonly<Record<string, unknown>> = {},
): AuditEvent {
  const { id, organizationId, cloudId, status, policyIds, validations, resources, category, expiresOn } = row;
  return {
    action,
    targetType: "exemption",
    targetId: id,
    organizationId,
    cloudId,
    reason: row.endReason ?? row.reason,
    before: before === null ? null : { status: before.status },
    after: { status, policyIds, validations, resources, category, expiresOn, ...more },
  };
}

export function exemptionEvent(row: ExemptionRow, more: Readonly<Record<string, unknown>> = {}): EventDraft {
  const { id: subjectId, organizationId, cloudId, status, expiresOn } = row;
  return {
    type: "exemption.changed",
    subjectId,
    organizationId,
    cloudId,
    data: { status, expiresOn, ...more },
  };
}
