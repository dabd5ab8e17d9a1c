import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { inventoriesOf, listPools as listRows } from "./rows.ts";
import { ListPools, poolOf } from "./wire.ts";

/** Resource pools with what they have and what of it is taken; by id. */
export const listPools = defineQuery({
  name: "pool.list",
  permission: "cloud.read",
  input: ListPools,
  async run(tx, _ctx, { limit, cursor, ...filters }) {
    const rows = await listRows(tx, filters, afterOf(cursor), limit);
    const inventories = await inventoriesOf(
      tx,
      rows.map(({ pool }) => pool.id),
    );
    return pageOf(
      rows,
      limit,
      ({ pool }) => pool.id,
      (row) => poolOf(row, inventories.get(row.pool.id) ?? []),
    );
  },
});
