import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { shareable } from "../kernel/shared-text.ts";
import type { Outcome } from "../verb.ts";
import { decide, type Question } from "./decide.ts";
import type { Plan } from "./plan.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { reserve } from "./reserve.ts";
import { holdOf, type RequestRow, saveRequest } from "./store.ts";
import { type FullView, viewOf } from "./view.ts";

/** True when the same plan, made now for the same places, would not be the same any more. */
export async function drifted(tx: Tx, ctx: Ctx, row: RequestRow, plan: Plan): Promise<boolean> {
  const hold = await holdOf(tx, row.holdId);
  if (hold !== undefined && (hold.state !== "active" || hold.expiresAt <= ctx.clock.now())) return true;
  const existing = plan.parts.map((part) => ({ ...part, amounts: part.before }));
  const again = await decide(tx, ctx, { ...questionOf(row, plan), existing, ownHold: hold?.parts ?? [] });
  return again.proposals[0]?.planHash !== row.planHash;
}

/** Gives back the old hold and plans from the start; commits the new plan and still refuses the approval. */
export async function replan(tx: Tx, ctx: Ctx, row: RequestRow): Promise<Outcome<FullView>> {
  if (row.plan === null) throw new Error(`request ${row.id} has no plan to make again`);
  const hold = await holdOf(tx, row.holdId);
  const held = hold?.state === "active" ? hold : null;
  const question = { ...questionOf(row, row.plan), ownHold: held?.parts ?? [] };
  const decided = await decide(tx, ctx, question);
  const { deliberation, proposal, holdId } = await reserve(
    tx,
    ctx,
    row.id,
    question,
    decided,
    held?.id ?? null,
  );
  const after = await saveRequest(
    tx,
    row,
    {
      decision: deliberation.decision,
      placement: { ...deliberation.placement, refusals: shareable(deliberation.placement.refusals) },
      plan: proposal?.plan ?? null,
      planHash: proposal?.planHash ?? null,
      cloudId: proposal?.plan.parts.find(({ role }) => role === "primary")?.cloudId ?? null,
      holdId,
      ...(proposal === null ? { status: "rejected" as const, reason: "denied", dueAt: null } : {}),
    },
    ctx.clock.now(),
  );
  const details = { id: row.id, previous: row.planHash, planHash: after.planHash, status: after.status };
  return {
    result: await viewOf(tx, after, ctx.clock.now()),
    audit: requestAudit("request.replan", row, after),
    events: [requestEvent(after)],
    refusal: fault("request.plan_drifted", details),
  };
}

/** The question as it was asked; a change stays where its tenancy is, a new tenancy may go elsewhere. */
function questionOf(row: RequestRow, plan: Plan): Question {
  const inPlace = plan.tenancyId !== null;
  return {
    organizationId: row.organizationId,
    facts: row.facts,
    tenancyId: plan.tenancyId,
    existing: inPlace ? plan.parts.map((part) => ({ ...part, amounts: part.before })) : null,
    ownHold: [],
    dataExport: plan.dataExport,
  };
}
