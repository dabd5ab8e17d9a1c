import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listSystems as listRows } from "./rows.ts";
import { ListSystems, systemOf } from "./wire.ts";

/** Application systems, where the caller may see the requests made for them; by id. */
export const listSystems = defineQuery({
  name: "system.list",
  permission: "request.read",
  input: ListSystems,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listRows(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, systemOf);
  },
});
