import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listPools as listRows } from "./rows.ts";
import { showPools } from "./show-pools.ts";
import { ListPools } from "./wire.ts";

/** Resource pools with what they have and what of it is taken; by id. */
export const listPools = defineQuery({
  name: "pool.list",
  permission: "cloud.read",
  input: ListPools,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listRows(tx, filters, afterOf(cursor), limit);
    const shown = await showPools(tx, ctx, rows);
    return pageOf(
      rows,
      limit,
      ({ pool }) => pool.id,
      ({ pool }) => shown.get(pool.id),
    );
  },
});
