import type { z } from "zod";
import type { AuditAction } from "../audit/actions.ts";
import { covers, type Scope } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { Outcome } from "../verb.ts";
import {
  type ComplianceFindingRow,
  getFindingInScope,
  insertFindingEvents,
  saveFinding,
} from "./finding-rows.ts";
import { type PersonsStep, stepTo } from "./lifecycle.ts";
import { type ComplianceFinding, findingView, type TakeStep } from "./wire.ts";

const ACTIONS = {
  acknowledged: "compliance_finding.acknowledge",
  in_remediation: "compliance_finding.remediate",
  resolved: "compliance_finding.resolve",
} as const satisfies Record<PersonsStep, AuditAction>;

/** What a person makes of a finding; the same step again changes nothing. */
export async function takeStep(
  tx: Tx,
  ctx: Ctx,
  { id, reason, assignee, ifMatch }: z.infer<typeof TakeStep>,
  step: PersonsStep,
): Promise<Outcome<ComplianceFinding>> {
  const { row: before, path, operatingModel } = await getFindingInScope(tx, ctx.scope, id, true);
  if (ifMatch !== undefined && ifMatch !== before.generation) {
    throw fault("http.precondition_failed", { generation: before.generation });
  }
  if (step === "resolved" && operatingModel === "separated" && isOnlyOperator(ctx.scope, path)) {
    throw fault("compliance.own_finding", { cloudId: before.cloudId });
  }
  if (before.status === step && (assignee === undefined || assignee === before.assignee)) {
    return { result: findingView(before), audit: [] };
  }
  const now = ctx.clock.now();
  const after: ComplianceFindingRow = {
    ...before,
    status: before.status === step ? step : stepTo(before.status, step),
    assignee: assignee ?? before.assignee,
    resolvedAt: step === "resolved" ? now : null,
    generation: before.generation + 1,
  };
  await saveFinding(tx, after);
  const { status, dueOn } = after;
  insertFindingEvents(tx, [
    { findingId: after.id, at: now, status, assignee: after.assignee, dueOn, by: ctx.actor.name, reason },
  ]);
  const view = (row: ComplianceFindingRow) => ({ status: row.status, assignee: row.assignee });
  return {
    result: findingView(after),
    audit: {
      action: ACTIONS[step],
      targetType: "compliance_finding",
      targetId: after.id,
      organizationId: after.organizationId,
      cloudId: after.cloudId,
      reason,
      before: view(before),
      after: { ...view(after), controlId: after.controlId, resource: after.resourceKey },
    },
    events: [
      {
        type: "compliance_finding.changed",
        subjectId: after.id,
        organizationId: after.organizationId,
        cloudId: after.cloudId,
        data: { status: after.status, generation: after.generation },
      },
    ],
  };
}

/** True where the caller answers for the finding as the cloud's operator and in no other way (管运分离). */
function isOnlyOperator(scope: Scope, organizationPath: string | null): boolean {
  return !covers(scope, { organizationPath });
}
