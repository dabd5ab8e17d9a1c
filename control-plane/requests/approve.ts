import { lockOpenClouds } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { AccountId } from "../kernel/ids.ts";
import { launch } from "../provisioning/launch.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { outstanding, requirementKey, requirementsMetBy } from "./approving.ts";
import { dueAt } from "./clocks.ts";
import { transition } from "./lifecycle.ts";
import type { Plan } from "./plan.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { drifted, replan } from "./replan.ts";
import { lockSeen } from "./step.ts";
import { approvalsOf, findOrganization, insertApproval, type RequestRow, saveRequest } from "./store.ts";
import { type FullView, viewOf } from "./view.ts";
import { ApproveRequest } from "./wire.ts";

/**
 * Approves exactly one plan, named by its hash. Where policy, placement or price have changed since, nothing
 * is approved: the request is planned again and the answer (409) names the new plan.
 */
export const approveRequest = defineVerb({
  name: "request.approve",
  permission: "request.approve",
  input: ApproveRequest,
  async run(tx, ctx, { id, planHash, comment, ifMatch }): Promise<Outcome<FullView>> {
    const row = await lockSeen(tx, ctx, id, ifMatch);
    const accountId = approverOf(ctx, row);
    transition(row.status, "approved");
    if (row.plan === null || planHash !== row.planHash) {
      throw fault("request.plan_stale", { planHash: row.planHash, approved: planHash });
    }
    const met = await meet(tx, ctx, row, row.plan, accountId);
    // What the plan is compared with stays as it is until it is carried out.
    await lockOpenClouds(
      tx,
      row.plan.parts.map(({ cloudId }) => cloudId),
    );
    if (await drifted(tx, ctx, row, row.plan)) return replan(tx, ctx, row);
    await insertApproval(tx, {
      requestId: row.id,
      accountId,
      role: met.join(","),
      planHash,
      comment: comment ?? null,
      at: ctx.clock.now(),
    });
    const given = (await approvalsOf(tx, row.id)).filter((approval) => approval.planHash === planHash);
    const satisfied = new Set(given.flatMap((approval) => approval.role.split(",")));
    if (outstanding(row.plan.approvers, satisfied).length > 0) return waiting(tx, ctx, row);
    return carriedOut(
      tx,
      ctx,
      row,
      row.plan,
      given.map((approval) => approval.accountId),
    );
  },
});

function approverOf(ctx: Ctx, row: RequestRow): AccountId {
  const { accountId } = ctx.actor;
  if (accountId === null) throw fault("auth.forbidden");
  if (accountId === row.submittedBy) throw fault("auth.self_approval", { id: row.id });
  return accountId;
}

/** The requirements that this person meets; none is a refusal, a second approval by the same person too. */
async function meet(tx: Tx, ctx: Ctx, row: RequestRow, plan: Plan, accountId: AccountId): Promise<string[]> {
  const given = (await approvalsOf(tx, row.id)).filter((approval) => approval.planHash === row.planHash);
  if (given.some((approval) => approval.accountId === accountId)) {
    throw fault("request.already_approved_by_you", { id: row.id });
  }
  // Planned again under rules that ask for nobody: whoever may approve here at all sets it going.
  if (plan.approvers.length === 0) return ["approver"];
  const organization = await findOrganization(tx, row.organizationId);
  const place = { organizationPath: organization?.path ?? null, cloudId: row.cloudId };
  const met = requirementsMetBy(ctx.actor, plan.approvers, place);
  if (met.length === 0) throw fault("auth.forbidden", { required: plan.approvers });
  return met.map(requirementKey);
}

/** One voice more, but another is still needed. */
async function waiting(tx: Tx, ctx: Ctx, row: RequestRow): Promise<Outcome<FullView>> {
  const after = await saveRequest(tx, row, {}, ctx.clock.now());
  return {
    result: await viewOf(tx, after, ctx.clock.now()),
    audit: requestAudit("request.approve", row, after),
    events: [requestEvent(after)],
  };
}

async function carriedOut(
  tx: Tx,
  ctx: Ctx,
  row: RequestRow,
  plan: Plan,
  approvedBy: readonly AccountId[],
): Promise<Outcome<FullView>> {
  const launched = await launch(tx, ctx, row, plan, approvedBy);
  const { tenancyId, operationId } = launched;
  const now = ctx.clock.now();
  // A renewal is carried out by being approved; everything else by the clouds.
  const status = plan.kind === "renew" ? ("closed" as const) : transition("approved", "provisioning");
  const change = { status, tenancyId, operationId, dueAt: dueAt(status, now, ctx.config) };
  const after = await saveRequest(tx, row, change, now);
  return {
    result: await viewOf(tx, after, ctx.clock.now()),
    audit: [requestAudit("request.approve", row, after), ...launched.audit],
    events: [requestEvent(after), ...launched.events],
  };
}
