import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import { defineVerb, type Outcome } from "../../verb.ts";
import { assertMandate } from "../register/mandate.ts";
import { lockRegister, turnPage } from "../register/store.ts";
import { policiesOf } from "./applicable.ts";
import { assertDuration } from "./request.ts";
import { type ExemptionRow, getInScope, saveExemption } from "./rows.ts";
import { exemptionAudit, exemptionEvent, exemptionView } from "./view.ts";
import { EndExemption, type Exemption, StepExemption } from "./wire.ts";

/** Excuses from this moment on; only the person who was asked may, and only for policies within their mandate. */
export const approveExemption = defineVerb({
  name: "exemption.approve",
  permission: "exemption.approve",
  input: StepExemption,
  async run(tx, ctx, { id, ifMatch }): Promise<Outcome<Exemption>> {
    await lockRegister(tx);
    const row = await seen(tx, ctx, id, ifMatch);
    const now = ctx.clock.now();
    if (row.status === "approved") return { result: exemptionView(row, now), audit: [] };
    assertStatus(row, "requested");
    if (ctx.actor.accountId === row.requestedBy) throw fault("auth.self_approval", { id });
    if (ctx.actor.accountId !== row.approver) throw fault("auth.forbidden", { approver: row.approver });
    assertDuration(ctx, row.expiresOn, now);
    const policies = policiesOf(await ctx.policies.inForce(tx, now), row);
    await assertMandate(tx, ctx, ...policies.map(({ document }) => document));
    return changed(tx, ctx, "exemption.approve", row, { status: "approved", approvedAt: now });
  },
});

export const rejectExemption = defineVerb({
  name: "exemption.reject",
  permission: "exemption.approve",
  input: EndExemption,
  async run(tx, ctx, { id, reason, ifMatch }): Promise<Outcome<Exemption>> {
    const row = await seen(tx, ctx, id, ifMatch);
    assertStatus(row, "requested");
    const end = { status: "rejected", endedAt: ctx.clock.now(), endReason: reason } as const;
    return changed(tx, ctx, "exemption.reject", row, end);
  },
});

/** Ends it before its time: what it excused counts again from this moment on. Who asked for it may give it up. */
export const revokeExemption = defineVerb({
  name: "exemption.revoke",
  permission: "exemption.request",
  input: EndExemption,
  async run(tx, ctx, { id, reason, ifMatch }): Promise<Outcome<Exemption>> {
    await lockRegister(tx);
    const row = await seen(tx, ctx, id, ifMatch);
    assertStatus(row, "requested", "approved");
    const end = { status: "revoked", endedAt: ctx.clock.now(), endReason: reason } as const;
    return changed(tx, ctx, "exemption.revoke", row, end);
  },
});

async function changed(
  tx: Tx,
  ctx: Ctx,
  action: Parameters<typeof exemptionAudit>[0],
  row: ExemptionRow,
  change: Parameters<typeof saveExemption>[2],
): Promise<Outcome<Exemption>> {
  const after = await saveExemption(tx, row, change);
  if (after.approvedAt !== null) await turnPage(tx);
  return {
    result: exemptionView(after, ctx.clock.now()),
    audit: exemptionAudit(action, row, after),
    events: [exemptionEvent(after)],
  };
}

async function seen(tx: Tx, ctx: Ctx, id: string, ifMatch: number | undefined): Promise<ExemptionRow> {
  const row = await getInScope(tx, ctx.scope, id, true);
  if (ifMatch !== undefined && ifMatch !== row.generation) {
    throw fault("http.precondition_failed", { generation: row.generation });
  }
  return row;
}

function assertStatus({ status }: ExemptionRow, ...possible: readonly ExemptionRow["status"][]): void {
  if (!possible.includes(status)) throw fault("exemption.invalid_transition", { status, possible });
}
