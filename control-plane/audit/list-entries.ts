import { afterOf, pageOf } from "../http/page.ts";
import { defineQuery } from "../verb.ts";
import { listEntries } from "./rows.ts";
import { entryResource, ListAuditEntries } from "./wire.ts";

/** What happened within the auditor's scope; newest first. */
export const listAuditEntries = defineQuery({
  name: "audit.list",
  permission: "audit.read",
  input: ListAuditEntries,
  async run(tx, ctx, { limit, cursor, ...filters }) {
    const rows = await listEntries(tx, ctx.scope, filters, afterOf(cursor), limit);
    return pageOf(rows, limit, ({ entry }) => entry.id, entryResource);
  },
});
