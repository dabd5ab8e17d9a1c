import { afterOf, pageOf } from "../../http/page.ts";
import { defineQuery } from "../../verb.ts";
import { getInScope, listInScope } from "./rows.ts";
import { exemptionView } from "./view.ts";
import { ListExemptions, OneExemption } from "./wire.ts";

export const listExemptions = defineQuery({
  name: "exemption.list",
  permission: "exemption.read",
  input: ListExemptions,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listInScope(tx, ctx.scope, filters, afterOf(cursor), limit);
    const now = ctx.clock.now();
    return pageOf(
      rows,
      limit,
      ({ id }) => id,
      (row) => exemptionView(row, now),
    );
  },
});

export const getExemption = defineQuery({
  name: "exemption.get",
  permission: "exemption.read",
  input: OneExemption,
  run: async (tx, ctx, { id }) => exemptionView(await getInScope(tx, ctx.scope, id), ctx.clock.now()),
});
