import { defineQuery } from "../verb.ts";
import { getCloudRow, zonesOf } from "./rows.ts";
import { cloudOf, GetCloud } from "./wire.ts";

export const getCloud = defineQuery({
  name: "cloud.get",
  permission: "cloud.read",
  input: GetCloud,
  async run(tx, _ctx, { id }) {
    const row = await getCloudRow(tx, id);
    return cloudOf(row, (await zonesOf(tx, [row.id])).get(row.id) ?? []);
  },
});
