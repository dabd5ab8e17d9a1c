import { defineQuery } from "../verb.ts";
import { getEvidenceInScope } from "./evidence-rows.ts";
import { evidenceView, OneEvidence } from "./evidence-wire.ts";

export const getEvidence = defineQuery({
  name: "evidence.get",
  permission: "compliance.read",
  input: OneEvidence,
  run: async (tx, ctx, { id }) => evidenceView(await getEvidenceInScope(tx, ctx.scope, id)),
});
