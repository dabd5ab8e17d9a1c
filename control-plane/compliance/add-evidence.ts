import { createHash } from "node:crypto";
import { covers } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { evidenceAudit } from "./evidence-audit.ts";
import { type EvidenceRow, insertEvidence, placeOfCoverage } from "./evidence-rows.ts";
import { AddEvidence, evidenceView } from "./evidence-wire.ts";

/** Hands in a file for a control that configuration cannot prove, or not as a whole. */
export const addEvidence = defineVerb({
  name: "evidence.add",
  permission: "evidence.write",
  input: AddEvidence,
  async run(tx, ctx, { coverage, content, ...input }) {
    if (content.length === 0) throw fault("compliance.evidence_empty");
    const { controlId } = input;
    const rules = await ctx.policies.inForce(tx, ctx.clock.now());
    const policy = rules.byId.get(controlId);
    if (policy === undefined) throw fault("compliance.unknown_control", { controlId });
    const { assessment } = policy.document.spec;
    if (assessment !== "attested" && assessment !== "partial") {
      throw fault("compliance.not_attested", { controlId, assessment });
    }
    const place = await placeWithin(tx, ctx, coverage);
    const row: EvidenceRow = {
      ...input,
      ...place,
      id: ctx.ids.next("evd"),
      note: input.note ?? null,
      bytes: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
      uploadedBy: ctx.actor.accountId,
      uploadedByName: ctx.actor.name,
      uploadedAt: ctx.clock.now(),
      withdrawnAt: null,
      withdrawnBy: null,
      withdrawnReason: null,
      generation: 1,
    };
    await insertEvidence(tx, row, content);
    return { result: evidenceView(row), audit: evidenceAudit("evidence.add", row) };
  },
});

/** Where it counts must lie where the caller may speak for; elsewhere nothing exists. */
async function placeWithin(
  tx: Tx,
  { scope }: Ctx,
  coverage: string,
): Promise<Pick<EvidenceRow, "coverageKind" | "coverageId" | "cloudId" | "organizationId">> {
  const [kind, id = ""] = coverage.split(":");
  if (kind !== "cloud" && kind !== "organization" && kind !== "system") {
    if (!scope.everywhere) throw fault("auth.forbidden", { coverage });
    return { coverageKind: "province", coverageId: "", cloudId: null, organizationId: null };
  }
  const place = await placeOfCoverage(tx, kind, id);
  if (place === null || !covers(scope, { cloudId: place.cloudId, organizationPath: place.path })) {
    throw fault("http.not_found");
  }
  const { cloudId, organizationId } = place;
  return { coverageKind: kind, coverageId: id, cloudId, organizationId };
}
