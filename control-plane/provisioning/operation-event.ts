import type { EventDraft } from "../events/publish.ts";
import type { OperationRow } from "./rows.ts";

export function operationEvent(row: OperationRow): EventDraft {
  return {
    type: "operation.changed",
    subjectId: row.id,
    organizationId: row.organizationId,
    cloudId: row.cloudId,
    data: { status: row.status, progress: row.progress, tenancyId: row.tenancyId },
  };
}
