import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listInScope } from "./rows.ts";
import { ListOperations, operationView } from "./wire.ts";

/** Newest first. */
export const listOperations = defineQuery({
  name: "operation.list",
  permission: "operation.read",
  input: ListOperations,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const now = ctx.clock.now();
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => operationView(row, now),
    );
  },
});
