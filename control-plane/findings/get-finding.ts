import { defineQuery } from "../verb.ts";
import { getInScope } from "./store.ts";
import { findingView, OneFinding } from "./wire.ts";

export const getFinding = defineQuery({
  name: "finding.get",
  permission: "finding.read",
  input: OneFinding,
  run: async (tx, ctx, { id }) => findingView(await getInScope(tx, ctx.scope, id)),
});
