import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listAssessments as newestAssessments } from "./assessment-rows.ts";
import { assessmentView, ListAssessments } from "./wire.ts";

export const listAssessments = defineQuery({
  name: "assessment.list",
  permission: "compliance.read",
  input: ListAssessments,
  async run(tx, ctx, { limit, cursor }) {
    const rows = await newestAssessments(tx, afterOf(cursor), limit);
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => assessmentView(row, ctx.scope.everywhere),
    );
  },
});
