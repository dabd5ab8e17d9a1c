import type { EventDraft } from "../events/publish.ts";
import type { AssessmentRow } from "./assessment-rows.ts";

export function assessmentEvent({
  id,
  status,
  progress,
}: Pick<AssessmentRow, "id" | "status" | "progress">): EventDraft {
  return {
    type: "assessment.changed",
    subjectId: id,
    organizationId: null,
    cloudId: null,
    data: { status, progress },
  };
}
