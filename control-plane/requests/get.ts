import { defineQuery } from "../verb.ts";
import { getInScope } from "./store.ts";
import { viewOf } from "./view.ts";
import { OneRequest } from "./wire.ts";

export const getRequest = defineQuery({
  name: "request.get",
  permission: "request.read",
  input: OneRequest,
  async run(tx, ctx, { id }) {
    return viewOf(tx, await getInScope(tx, ctx.scope, id), ctx.clock.now());
  },
});
