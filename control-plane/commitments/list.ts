import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listInScope } from "./store.ts";
import { commitmentView } from "./view.ts";
import { ListCommitments } from "./wire.ts";

/** Oldest first; a department sees its own. */
export const listCommitments = defineQuery({
  name: "commitment.list",
  permission: "commitment.read",
  input: ListCommitments,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, commitmentView);
  },
});
