import type { Ctx } from "../context.ts";
import { type AccountId, knownId } from "../kernel/ids.ts";
import { shareable } from "../kernel/shared-text.ts";
import { dueAt } from "./clocks.ts";
import type { Asked } from "./question.ts";
import type { Reserved } from "./reserve.ts";
import type { RequestRow } from "./store.ts";
import type { TenancyRequestBody } from "./wire-body.ts";

/** A request as it stands in the moment in which it was submitted: waiting for people, or denied. */
export function rowOf(
  ctx: Ctx,
  id: RequestRow["id"],
  body: TenancyRequestBody,
  asked: Asked,
  { deliberation, proposal, holdId }: Reserved,
): RequestRow {
  const now = ctx.clock.now();
  const { decision } = deliberation;
  const placement = { ...deliberation.placement, refusals: shareable(deliberation.placement.refusals) };
  const denied = proposal === null;
  const status = denied ? ("rejected" as const) : ("submitted" as const);
  return {
    id,
    kind: body.kind ?? ("create" as const),
    organizationId: asked.question.organizationId,
    systemId: asked.systemId,
    cloudId: proposal?.plan.parts.find(({ role }) => role === "primary")?.cloudId ?? null,
    submittedBy: submitterOf(ctx),
    body,
    facts: asked.question.facts,
    status,
    reason: denied ? "denied" : null,
    decision,
    placement,
    plan: proposal?.plan ?? null,
    planHash: proposal?.planHash ?? null,
    holdId,
    tenancyId: asked.tenancy?.id ?? null,
    operationId: null,
    dueAt: dueAt(status, now, ctx.config),
    createdAt: now,
    updatedAt: now,
    generation: 1,
  };
}

/** Whoever sits at the server's own command line has no account. */
function submitterOf(ctx: Ctx): AccountId {
  return ctx.actor.accountId ?? knownId<AccountId>(ctx.actor.name);
}
