import type { AuditAction } from "../audit/actions.ts";
import type { AuditEvent } from "../audit/record.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import type { OperationId } from "../kernel/ids.ts";
import { enforced } from "../provisioning/desired.ts";
import { type LaunchContext, started } from "../provisioning/launch.ts";
import type { LifeStatus } from "../requests/lifecycle.ts";
import { moveTenancy } from "./move.ts";
import { desirePlacement, placementsOf, type TenancyRow } from "./store.ts";

interface Switch {
  readonly to: LifeStatus;
  readonly suspended: boolean;
  readonly action: AuditAction;
  readonly reason: string | null;
}

interface Switched {
  readonly tenancy: TenancyRow;
  readonly operationId: OperationId;
  readonly audit: readonly AuditEvent[];
  readonly events: readonly EventDraft[];
}

/** Stops or starts everything a tenancy runs, as an operation; what is held stays held. */
export async function switchTenancy(
  tx: Tx,
  ctx: LaunchContext,
  before: TenancyRow,
  { to, suspended, action, reason }: Switch,
): Promise<Switched> {
  const moved = await moveTenancy(tx, ctx, before, to, action, { statusReason: reason });
  for (const { id, desired } of await placementsOf(tx, before.id)) {
    if (desired.state === "absent") continue;
    const wish = { ...desired, tenancy: { ...desired.tenancy, suspended } };
    await desirePlacement(tx, id, enforced(wish));
  }
  const kind = suspended ? "suspend" : "resume";
  const { operationId, audit, events } = await started(tx, ctx, null, moved.tenancy, kind, [moved.audit]);
  return { tenancy: moved.tenancy, operationId, audit, events };
}
