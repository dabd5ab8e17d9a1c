import { afterOf, pageOf } from "../http/page.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { defineQuery } from "../verb.ts";
import { listFindings as findingsInScope } from "./finding-rows.ts";
import { findingView, ListFindings } from "./wire.ts";

export const listComplianceFindings = defineQuery({
  name: "compliance_finding.list",
  permission: "compliance.read",
  input: ListFindings,
  async run(tx, ctx, { limit, cursor, overdue, ...filters }) {
    const overdueOn = overdue === undefined ? undefined : chinaDate(ctx.clock.now());
    const rows = await findingsInScope(tx, ctx.scope, { ...filters, overdueOn }, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, findingView);
  },
});
