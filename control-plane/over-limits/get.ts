import { defineQuery } from "../verb.ts";
import { getInScope, overLimitView } from "./store.ts";
import { OneOverLimit } from "./wire.ts";

export const getOverLimit = defineQuery({
  name: "over-limit.get",
  permission: "quota.read",
  input: OneOverLimit,
  async run(tx, ctx, { id }) {
    return overLimitView(await getInScope(tx, ctx.scope, id));
  },
});
