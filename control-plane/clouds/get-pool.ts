import { defineQuery } from "../verb.ts";
import { getPoolRow } from "./rows.ts";
import { showPool } from "./show-pools.ts";
import { GetPool } from "./wire.ts";

export const getPool = defineQuery({
  name: "pool.get",
  permission: "cloud.read",
  input: GetPool,
  async run(tx, ctx, { id }) {
    return showPool(tx, ctx, await getPoolRow(tx, id));
  },
});
