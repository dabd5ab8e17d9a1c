import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listInScope } from "./store.ts";
import { tenancySummary } from "./view.ts";
import { ListTenancies } from "./wire.ts";

/** Newest first. */
export const listTenancies = defineQuery({
  name: "tenancy.list",
  permission: "tenancy.read",
  input: ListTenancies,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, tenancySummary);
  },
});
