import { type AuditEvent, record } from "../audit/record.ts";
import type { App, Caller } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { type EventDraft, publish } from "../events/publish.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import type { PlacementId, RequestId, TenancyId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { returnClaims } from "../quota/ledger.ts";
import { requestAudit, requestEvent } from "../requests/record.ts";
import { approvalsOf, lockRequest, saveRequest } from "../requests/store.ts";
import { isConfirmed } from "../tenancies/grant.ts";
import { type Moved, moveTenancy } from "../tenancies/move.ts";
import { lockTenancy, placementsOf, type TenancyRow } from "../tenancies/store.ts";
import { nameIn } from "./desired.ts";
import { operationEvent } from "./operation-event.ts";
import { type OperationRow, openOperation, saveOperation } from "./rows.ts";

/** Who the worker is in the audit log. */
export function systemCaller(requestId: string): Caller {
  const actor = { accountId: null, name: "system", organizationId: null, grants: [] };
  return { actor, requestId, sourceAddress: null };
}

/**
 * Closes what a converged tenancy has open: its operation, its change request, claims that became free.
 * Runs again without effect, since every step looks at the status first.
 */
export async function settle(app: App, tenancyId: TenancyId): Promise<void> {
  await app.db.withTx(async (tx) => {
    const tenancy = await lockTenancy(tx, tenancyId);
    const placements = await placementsOf(tx, tenancyId);
    if (tenancy === undefined) return;
    if (placements.some((placement) => placement.observedGeneration < placement.desiredGeneration)) return;
    const audit: AuditEvent[] = [];
    const events: EventDraft[] = [];
    for (const moved of await advance(app, tx, tenancy)) {
      audit.push(moved.audit);
      events.push(moved.event);
    }
    const operation = await openOperation(tx, tenancyId);
    if (operation !== undefined) {
      const now = app.clock.now();
      const steps = operation.steps.map((step) => ({ ...step, status: "done" as const }));
      const change = { status: "succeeded" as const, steps, progress: 100, error: null, finishedAt: now };
      events.push(operationEvent(await saveOperation(tx, operation, change, now)));
      if (operation.kind === "repair") audit.push(repaired(tenancy, operation));
    }
    await app.queue.forget(tx, tenancyId);
    const caller = systemCaller(operation?.id ?? tenancyId);
    await record(tx, { ...caller, clock: app.clock, ids: app.ids }, audit);
    await publish(tx, app, events);
  });
}

function repaired(tenancy: TenancyRow, { id }: OperationRow): AuditEvent {
  return {
    action: "tenancy.repaired",
    targetType: "tenancy",
    targetId: tenancy.id,
    organizationId: tenancy.organizationId,
    cloudId: tenancy.cloudId,
    after: { operationId: id },
  };
}

async function advance(app: App, tx: Tx, tenancy: TenancyRow): Promise<Moved[]> {
  switch (tenancy.status) {
    case "provisioning": {
      const trialEnds = plus(app.clock.now(), app.config.TRIAL_DAYS * DAY_MS).toISOString();
      return [
        await moveTenancy(tx, app, tenancy, "trial", "tenancy.provisioned", {
          statusReason: `trial_until ${trialEnds}`,
        }),
      ];
    }
    case "changing":
      return finishChange(app, tx, tenancy);
    case "exported":
      return finishRetirement(app, tx, tenancy);
    default:
      return [];
  }
}

/** The cloud has confirmed the new size: what is no longer needed goes back to quota and pool. */
async function finishChange(app: App, tx: Tx, tenancy: TenancyRow): Promise<Moved[]> {
  const request = await changeRequest(tx, tenancy);
  const plan = request.plan;
  if (plan === null) throw new Error(`change request ${request.id} has no plan`);
  const placements = await placementsOf(tx, tenancy.id);
  const keep = new Map<PlacementId, ResourceVector>(
    placements.map((placement) => {
      const part = plan.parts.find(({ role }) => role === placement.role);
      return [placement.id, part?.amounts ?? {}];
    }),
  );
  await returnClaims(tx, app, keep);
  const running = isConfirmed(tenancy.confirmations) ? "in_service" : "trial";
  const suspended = placements.some(
    ({ desired }) => desired.state === "present" && desired.tenancy.suspended,
  );
  const back = suspended ? "suspended" : running;
  const approvals = await approvalsOf(tx, request.id);
  const granted = {
    ...tenancy.granted,
    requestId: request.id,
    planHash: request.planHash ?? "",
    approvedBy: approvals.filter((one) => one.planHash === request.planHash).map((one) => one.accountId),
    resources: plan.resources,
    instances: plan.instances,
    facts: { ...request.facts, kind: tenancy.granted.facts.kind },
  };
  const moved = await moveTenancy(tx, app, tenancy, back, "tenancy.changed", {
    granted,
    changeRequestId: null,
  });
  await closeRequest(app, tx, request.id);
  return [moved];
}

async function finishRetirement(app: App, tx: Tx, tenancy: TenancyRow): Promise<Moved[]> {
  const placements = await placementsOf(tx, tenancy.id);
  await returnClaims(tx, app, new Map(placements.map(({ id }) => [id, {}])));
  const evidence = placements.map(({ desired, wipeReceipt }) =>
    wipeReceipt === null
      ? `${nameIn(desired)} without receipt`
      : `${wipeReceipt.tenancyName} ${wipeReceipt.wipedAt}`,
  );
  const statusReason = `wiped ${evidence.join(", ")}`;
  const wiped = await moveTenancy(tx, app, tenancy, "wiped", "tenancy.wiped", { statusReason });
  const closed = await moveTenancy(tx, app, wiped.tenancy, "closed", "tenancy.closed", {
    changeRequestId: null,
  });
  if (tenancy.changeRequestId !== null) await closeRequest(app, tx, tenancy.changeRequestId);
  return [wiped, closed];
}

async function changeRequest(tx: Tx, tenancy: TenancyRow) {
  if (tenancy.changeRequestId === null) throw new Error(`tenancy ${tenancy.id} changes without a request`);
  return lockRequest(tx, tenancy.changeRequestId);
}

async function closeRequest(app: App, tx: Tx, id: RequestId): Promise<void> {
  const request = await lockRequest(tx, id);
  if (request.status !== "provisioning") return;
  const closed = await saveRequest(tx, request, { status: "closed", dueAt: null }, app.clock.now());
  const caller = { ...systemCaller(id), clock: app.clock, ids: app.ids };
  await record(tx, caller, [requestAudit("request.close", request, closed)]);
  await publish(tx, app, [requestEvent(closed)]);
}
