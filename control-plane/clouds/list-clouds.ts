import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listClouds as listRows, zonesOf } from "./rows.ts";
import { cloudOf, ListClouds } from "./wire.ts";

/** The map of clouds, for everybody with an account; by id. */
export const listClouds = defineQuery({
  name: "cloud.list",
  permission: "cloud.read",
  input: ListClouds,
  async run(tx, _ctx, { limit, cursor, ...filters }) {
    const rows = await listRows(tx, filters, afterOf(cursor), limit);
    const zones = await zonesOf(
      tx,
      rows.map(({ id }) => id),
    );
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => cloudOf(row, zones.get(row.id) ?? []),
    );
  },
});
