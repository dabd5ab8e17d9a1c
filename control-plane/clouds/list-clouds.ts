import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listClouds as listRows } from "./rows.ts";
import { showClouds } from "./show-clouds.ts";
import { ListClouds } from "./wire.ts";

/** The map of clouds, for everybody with an account; by id. */
export const listClouds = defineQuery({
  name: "cloud.list",
  permission: "cloud.read",
  input: ListClouds,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listRows(tx, filters, afterOf(cursor), limit);
    const shown = await showClouds(tx, ctx, rows);
    return pageOf(
      [...shown.values()],
      limit,
      ({ id }) => id,
      (cloud) => cloud,
    );
  },
});
