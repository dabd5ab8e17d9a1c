import { type AuditEvent, record } from "../audit/record.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { publish } from "../events/publish.ts";
import type { TenancyId } from "../kernel/ids.ts";
import {
  desirePlacement,
  lockTenancy,
  type PlacementRow,
  placementsOf,
  type TenancyRow,
} from "../tenancies/store.ts";
import type { ObservedPlacement } from "./desired.ts";
import type { ProvisioningStep } from "./diff.ts";
import { operationOf } from "./launch.ts";
import { operationEvent } from "./operation-event.ts";
import { stepsOf } from "./plan-operation.ts";
import { insertOperation, type OperationRow, openOperation, saveObserved } from "./rows.ts";
import { systemCaller } from "./settle.ts";

/** A repair is a new wish: a fresh generation gives fresh client tokens, and the audit log says what was found. */
export async function driftFound(
  app: App,
  tenancyId: TenancyId,
  placement: PlacementRow,
  observed: ObservedPlacement,
  steps: readonly ProvisioningStep[],
): Promise<void> {
  await app.db.withTx(async (tx) => {
    const tenancy = await lockTenancy(tx, tenancyId);
    const now = (await placementsOf(tx, tenancyId)).find(({ id }) => id === placement.id);
    // Something else is wanted by now: that will be carried out anyway, with fresh tokens.
    if (tenancy === undefined || now?.desiredGeneration !== placement.desiredGeneration) return;
    await desirePlacement(tx, placement.id, now.desired);
    await saveObserved(tx, placement, observed, placement.observedGeneration, app.clock.now());
    const operation = (await openOperation(tx, tenancyId)) ?? (await beginRepair(tx, app, tenancy));
    const event: AuditEvent = {
      action: "tenancy.drifted",
      targetType: "tenancy",
      targetId: tenancyId,
      organizationId: tenancy.organizationId,
      cloudId: placement.cloudId,
      reason: "drift",
      before: { placementId: placement.id, observed: observed.tenancy, instances: observed.instances.length },
      after: { operationId: operation.id, steps: steps.map((step) => `${step.action} ${step.key}`) },
    };
    await record(tx, { ...systemCaller(operation.id), clock: app.clock, ids: app.ids }, [event]);
  });
}

/** What nobody asked for is an operation too: people see it under way, fail, and can have it retried. */
export async function beginRepair(tx: Tx, app: App, tenancy: TenancyRow): Promise<OperationRow> {
  const placements = await placementsOf(tx, tenancy.id);
  const operation = await insertOperation(tx, {
    ...operationOf(app, null, tenancy, "repair"),
    status: "running",
    steps: stepsOf(placements.map((placement) => ({ ...placement, converged: false }))),
  });
  await publish(tx, app, [operationEvent(operation)]);
  return operation;
}
