import { afterOf, pageOf } from "../http/page.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { defineQuery } from "../verb.ts";
import { listEvidence as evidenceInScope } from "./evidence-rows.ts";
import { evidenceView, ListEvidence } from "./evidence-wire.ts";

export const listEvidence = defineQuery({
  name: "evidence.list",
  permission: "compliance.read",
  input: ListEvidence,
  async run(tx, ctx, { limit, cursor, controlId, valid }) {
    const validOn = valid === undefined ? undefined : chinaDate(ctx.clock.now());
    const rows = await evidenceInScope(tx, ctx.scope, { controlId, validOn }, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ id }) => id, evidenceView);
  },
});
