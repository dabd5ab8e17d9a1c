import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listInScope, overLimitView } from "./store.ts";
import { ListOverLimits } from "./wire.ts";

/** Oldest first; `open=true` shows what is not back under its limit. */
export const listOverLimits = defineQuery({
  name: "over-limit.list",
  permission: "quota.read",
  input: ListOverLimits,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, overLimitView);
  },
});
