import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listInScope } from "./store.ts";
import { ListRequests, requestSummary } from "./wire.ts";

/** Newest first; `overdue=true` shows what has passed its clock. */
export const listRequests = defineQuery({
  name: "request.list",
  permission: "request.read",
  input: ListRequests,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const now = ctx.clock.now();
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit, now);
    return pageOf(
      rows,
      limit,
      (row) => row.id,
      (row) => requestSummary(row, now),
    );
  },
});
