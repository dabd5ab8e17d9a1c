import { fault } from "../kernel/fault.ts";
import { defineVerb } from "../verb.ts";
import { evidenceAudit } from "./evidence-audit.ts";
import { type EvidenceRow, getEvidenceInScope, saveWithdrawal } from "./evidence-rows.ts";
import { evidenceView, WithdrawEvidence } from "./evidence-wire.ts";

/** It counts no longer from now on; for reports of the days before it still does. */
export const withdrawEvidence = defineVerb({
  name: "evidence.withdraw",
  permission: "evidence.write",
  input: WithdrawEvidence,
  async run(tx, ctx, { id, reason, ifMatch }) {
    const before = await getEvidenceInScope(tx, ctx.scope, id, true);
    if (ifMatch !== undefined && ifMatch !== before.generation) {
      throw fault("http.precondition_failed", { generation: before.generation });
    }
    // What counts for all is everybody's to see, and only theirs to withdraw who speak for all.
    if (before.coverageKind === "province" && !ctx.scope.everywhere) {
      throw fault("auth.forbidden", { coverage: "province" });
    }
    if (before.withdrawnAt !== null) return { result: evidenceView(before), audit: [] };
    const after: EvidenceRow = {
      ...before,
      withdrawnAt: ctx.clock.now(),
      withdrawnBy: ctx.actor.name,
      withdrawnReason: reason,
      generation: before.generation + 1,
    };
    await saveWithdrawal(tx, after);
    return { result: evidenceView(after), audit: evidenceAudit("evidence.withdraw", after, reason) };
  },
});
