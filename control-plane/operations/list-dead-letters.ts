import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listDeadLetters as listRows } from "./dead-letter-rows.ts";
import { deadLetterView, ListDeadLetters } from "./wire.ts";

/** What the queue has given up on until somebody retries the operation. */
export const listDeadLetters = defineQuery({
  name: "operation.dead_letters",
  permission: "operation.read",
  input: ListDeadLetters,
  async run(tx, ctx, { limit, cursor }) {
    const rows = await listRows(tx, ctx.scope, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ order }) => order, deadLetterView);
  },
});
