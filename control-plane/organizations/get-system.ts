import { defineQuery } from "../verb.ts";
import { getSystemInScope } from "./rows.ts";
import { GetSystem, systemOf } from "./wire.ts";

export const getSystem = defineQuery({
  name: "system.get",
  permission: "request.read",
  input: GetSystem,
  run: async (tx, ctx, { id }) => systemOf(await getSystemInScope(tx, ctx.scope, id)),
});
