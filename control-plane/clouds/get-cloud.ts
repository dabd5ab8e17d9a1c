import { defineQuery } from "../verb.ts";
import { getCloudRow } from "./rows.ts";
import { showCloud } from "./show-clouds.ts";
import { GetCloud } from "./wire.ts";

export const getCloud = defineQuery({
  name: "cloud.get",
  permission: "cloud.read",
  input: GetCloud,
  run: async (tx, ctx, { id }) => showCloud(tx, ctx, await getCloudRow(tx, id)),
});
