import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listInScope } from "./store.ts";
import { findingView, ListFindings } from "./wire.ts";

export const listFindings = defineQuery({
  name: "finding.list",
  permission: "finding.read",
  input: ListFindings,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, findingView);
  },
});
