import { ROLE_PERMISSIONS } from "../../authz/roles.ts";
import { covers } from "../../authz/scope.ts";
import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { chinaDate, daysInclusive } from "../../kernel/calendar.ts";
import { fault } from "../../kernel/fault.ts";
import { type AccountId, type CloudId, knownId, type OrganizationId } from "../../kernel/ids.ts";
import { defineVerb, type Outcome } from "../../verb.ts";
import { policiesOf } from "./applicable.ts";
import { type ExemptionRow, insertExemption, pathOf, rolesOf } from "./rows.ts";
import { exemptionAudit, exemptionEvent, exemptionView } from "./view.ts";
import { type Exemption, RequestExemption } from "./wire.ts";

/** Asks for leave to break rules for a time; nothing is excused before another person has approved it. */
export const requestExemption = defineVerb({
  name: "exemption.request",
  permission: "exemption.request",
  input: RequestExemption,
  async run(tx, ctx, input): Promise<Outcome<Exemption>> {
    const now = ctx.clock.now();
    assertDuration(ctx, input.expiresOn, now);
    await assertOwn(tx, ctx, input);
    const { accountId } = ctx.actor;
    if (accountId === null) throw fault("auth.forbidden");
    const row: ExemptionRow = {
      id: ctx.ids.next("exm"),
      policyIds: input.policyIds,
      validations: input.validations ?? null,
      resources: input.resources,
      category: input.category,
      reason: input.reason,
      compensatingMeasure: input.compensatingMeasure,
      evidence: input.evidence,
      organizationId: knownId<OrganizationId>(input.organizationId),
      cloudId: input.cloudId === undefined ? null : knownId<CloudId>(input.cloudId),
      status: "requested",
      requestedBy: accountId,
      requestedAt: now,
      approver: await approverOf(tx, accountId, input.approver),
      approvedAt: null,
      expiresOn: input.expiresOn,
      endedAt: null,
      endReason: null,
      noticedDays: null,
      generation: 1,
    };
    policiesOf(await ctx.policies.inForce(tx, now), row);
    await insertExemption(tx, row);
    return {
      result: exemptionView(row, now),
      audit: exemptionAudit("exemption.request", null, row),
      events: [exemptionEvent(row)],
    };
  },
});

/** @throws exemption.too_long */
export function assertDuration({ config }: Pick<Ctx, "config">, expiresOn: string, now: Date): void {
  const today = chinaDate(now);
  const days = daysInclusive(today, expiresOn);
  if (days < 1)
    throw fault("http.invalid_input", { issues: [{ path: "expiresOn", message: "is over already" }] });
  if (days > config.EXEMPTION_DAYS_MAX) {
    throw fault("exemption.too_long", { expiresOn, days, daysMax: config.EXEMPTION_DAYS_MAX });
  }
}

async function assertOwn(
  tx: Tx,
  ctx: Ctx,
  { organizationId, cloudId }: Pick<RequestExemption, "organizationId" | "cloudId">,
): Promise<void> {
  const organizationPath = await pathOf(tx, knownId<OrganizationId>(organizationId));
  if (organizationPath === undefined) throw fault("organization.unknown", { organizationId });
  const place = { organizationPath, cloudId: cloudId === undefined ? null : knownId<CloudId>(cloudId) };
  if (!covers(ctx.scope, place)) throw fault("auth.forbidden", { organizationId });
}

/** Somebody else, who may approve exemptions at all; for which policies is seen when it comes to it. */
async function approverOf(tx: Tx, requestedBy: AccountId, named: string | undefined): Promise<AccountId> {
  if (named === undefined) throw fault("exemption.approver_missing");
  const approver = knownId<AccountId>(named);
  if (approver === requestedBy) throw fault("auth.self_approval", { approver });
  const roles = await rolesOf(tx, approver);
  if (!roles.some((role) => ROLE_PERMISSIONS[role].includes("exemption.approve"))) {
    throw fault("exemption.approver_missing", { approver });
  }
  return approver;
}
