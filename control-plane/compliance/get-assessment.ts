import { defineQuery } from "../verb.ts";
import { findAssessment } from "./assessment-rows.ts";
import { assessmentView, OneAssessment } from "./wire.ts";

export const getAssessment = defineQuery({
  name: "assessment.get",
  permission: "compliance.read",
  input: OneAssessment,
  run: async (tx, ctx, { id }) => assessmentView(await findAssessment(tx, id), ctx.scope.everywhere),
});
