import type { AuditEvent } from "../audit/record.ts";
import type { EvidenceRow } from "./evidence-rows.ts";

/** Names the file by its digest: what is in it is nobody's business who reads the log. */
export function evidenceAudit(
  action: "evidence.add" | "evidence.read" | "evidence.withdraw",
  row: EvidenceRow,
  reason: string | null = null,
): AuditEvent {
  const { controlId, coverageKind, coverageId, sha256, bytes, validFrom, validUntil } = row;
  return {
    action,
    targetType: "evidence",
    targetId: row.id,
    organizationId: row.organizationId,
    cloudId: row.cloudId,
    reason,
    after: { controlId, coverage: `${coverageKind}:${coverageId}`, sha256, bytes, validFrom, validUntil },
  };
}
