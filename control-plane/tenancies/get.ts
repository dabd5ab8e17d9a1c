import { defineQuery } from "../verb.ts";
import { getInScope } from "./store.ts";
import { tenancyView } from "./view.ts";
import { OneTenancy } from "./wire.ts";

export const getTenancy = defineQuery({
  name: "tenancy.get",
  permission: "tenancy.read",
  input: OneTenancy,
  async run(tx, ctx, { id }) {
    return tenancyView(tx, await getInScope(tx, ctx.scope, id));
  },
});
