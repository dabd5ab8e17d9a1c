import type { z } from "zod";
import type { AuditAction } from "../audit/actions.ts";
import type { AuditEvent } from "../audit/record.ts";
import type { EventDraft } from "../events/publish.ts";
import type { CommitmentRow } from "./store.ts";
import type { Commitment } from "./wire.ts";

export type CommitmentView = z.infer<typeof Commitment>;

export function commitmentView(row: CommitmentRow): CommitmentView {
  const { id, quotaNodeId, organizationId, poolId, cloudId, resourceClass, amount, status } = row;
  const { confirmBy, start, expiresAt, note, reason, generation } = row;
  return {
    id,
    quotaNodeId,
    organizationId,
    poolId,
    cloudId,
    resourceClass,
    amount,
    status,
    confirmBy,
    start,
    expiresAt,
    note,
    reason,
    createdAt: row.createdAt.toISOString(),
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
    generation,
  };
}

export function commitmentAudit(
  action: AuditAction,
  before: CommitmentRow | null,
  after: CommitmentRow,
): AuditEvent {
  return {
    action,
    targetType: "commitment",
    targetId: after.id,
    organizationId: after.organizationId,
    cloudId: after.cloudId,
    reason: after.reason,
    before: before === null ? null : commitmentView(before),
    after: commitmentView(after),
  };
}

export function commitmentEvent({
  id,
  organizationId,
  cloudId,
  status,
  generation,
}: CommitmentRow): EventDraft {
  return { type: "commitment.changed", subjectId: id, organizationId, cloudId, data: { status, generation } };
}
