import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { assessmentEvent } from "./assessment-event.ts";
import { openAssessments } from "./assessment-rows.ts";
import { startAssessment as startRun } from "./start-run.ts";
import { assessmentView, StartAssessmentBody } from "./wire.ts";

/** Has everything assessed soon, whether something has changed or not. */
export const startAssessment = defineVerb({
  name: "assessment.start",
  permission: "compliance.assess",
  input: StartAssessmentBody,
  async run(tx, ctx, { reason }) {
    // A run over everything is about the whole province, and one at a time is enough.
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "compliance.assess" });
    const open = (await openAssessments(tx)).find(({ units }) => units === null);
    if (open !== undefined) throw fault("compliance.assessment_open", { assessmentId: open.id });
    const row = await startRun(tx, ctx, {
      trigger: "demand",
      reason,
      requestedBy: ctx.actor.accountId,
    });
    return {
      result: assessmentView(row, true),
      audit: { action: "assessment.start", targetType: "assessment", targetId: row.id, reason },
      events: [assessmentEvent(row)],
    };
  },
});
