import { defineQuery } from "../verb.ts";
import { eventsOf, getFindingInScope } from "./finding-rows.ts";
import { findingView, historyView, OneFinding } from "./wire.ts";

export const getComplianceFinding = defineQuery({
  name: "compliance_finding.get",
  permission: "compliance.read",
  input: OneFinding,
  async run(tx, ctx, { id }) {
    const { row } = await getFindingInScope(tx, ctx.scope, id);
    return { ...findingView(row), history: historyView(await eventsOf(tx, row.id)) };
  },
});
