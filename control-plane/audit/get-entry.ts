import { defineQuery } from "../verb.ts";
import { getEntryInScope } from "./rows.ts";
import { entryResource, GetAuditEntry } from "./wire.ts";

export const getAuditEntry = defineQuery({
  name: "audit.get",
  permission: "audit.read",
  input: GetAuditEntry,
  run: async (tx, ctx, { id }) => entryResource(await getEntryInScope(tx, ctx.scope, id)),
});
