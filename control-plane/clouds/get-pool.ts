import { defineQuery } from "../verb.ts";
import { getPoolRow, inventoriesOf } from "./rows.ts";
import { GetPool, poolOf } from "./wire.ts";

export const getPool = defineQuery({
  name: "pool.get",
  permission: "cloud.read",
  input: GetPool,
  async run(tx, _ctx, { id }) {
    const row = await getPoolRow(tx, id);
    return poolOf(row, (await inventoriesOf(tx, [row.pool.id])).get(row.pool.id) ?? []);
  },
});
