import type { z } from "zod";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { Outcome } from "../verb.ts";
import type { FindingDecision } from "./finding.ts";
import { type FindingRow, getInScope, saveFinding } from "./store.ts";
import { findingAudit, findingEvent } from "./update-findings.ts";
import { type DecideFinding, type Finding, findingView } from "./wire.ts";

const STATUS_AFTER = { ignore: "ignored", remove: "removing" } as const;

/** Writes down what a person has decided about a finding; the same decision again changes nothing. */
export async function decide(
  tx: Tx,
  ctx: Ctx,
  { id, reason, ifMatch }: z.infer<typeof DecideFinding>,
  action: FindingDecision["action"],
): Promise<Outcome<Finding> & { readonly row: FindingRow }> {
  const before = await getInScope(tx, ctx.scope, id, true);
  if (ifMatch !== undefined && ifMatch !== before.generation) {
    throw fault("http.precondition_failed", { generation: before.generation });
  }
  if (before.status === "resolved") throw fault("finding.resolved", { resolvedAt: before.resolvedAt });
  if (action === "remove" && before.kind !== "orphan") {
    throw fault("finding.not_removable", { kind: before.kind });
  }
  const status = STATUS_AFTER[action];
  if (before.status === status) return { row: before, result: findingView(before), audit: [] };
  const at = ctx.clock.now().toISOString();
  const after: FindingRow = {
    ...before,
    status,
    decision: { action, by: ctx.actor.name, at, reason },
    generation: before.generation + 1,
  };
  await saveFinding(tx, after);
  return {
    row: after,
    result: findingView(after),
    audit: { ...findingAudit(`finding.${action}`, after), before: { status: before.status } },
    events: [findingEvent(after)],
  };
}
