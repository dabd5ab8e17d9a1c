import { fault } from "../kernel/fault.ts";
import { enforced } from "../provisioning/desired.ts";
import { driftOf } from "../provisioning/drift.ts";
import { started } from "../provisioning/launch.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { CHANGEABLE } from "./changeable.ts";
import { lockSeen } from "./lock-seen.ts";
import { desirePlacement, placementsOf } from "./store.ts";
import { tenancyView } from "./view.ts";
import { RepairTenancy, type StartedTenancy } from "./wire.ts";

/** Brings a tenancy back to what was granted, where its cloud's rule is to report drift and leave it. */
export const repairTenancy = defineVerb({
  name: "tenancy.repair",
  permission: "tenancy.operate",
  input: RepairTenancy,
  async run(tx, ctx, { id, reason, ifMatch }): Promise<Outcome<StartedTenancy>> {
    const tenancy = await lockSeen(tx, ctx, id, ifMatch);
    if (!CHANGEABLE.includes(tenancy.status))
      throw fault("tenancy.invalid_transition", { status: tenancy.status });
    const drifted = (await placementsOf(tx, tenancy.id)).filter(
      ({ desired, observed }) => driftOf(desired, observed).length > 0,
    );
    if (drifted.length === 0) throw fault("tenancy.not_drifted", { tenancyId: tenancy.id });
    for (const { id: placementId, desired } of drifted) {
      await desirePlacement(tx, placementId, desired.state === "present" ? enforced(desired) : desired);
    }
    const { operationId, audit, events } = await started(tx, ctx, null, tenancy, "repair", [
      {
        action: "tenancy.repair",
        targetType: "tenancy",
        targetId: tenancy.id,
        organizationId: tenancy.organizationId,
        cloudId: tenancy.cloudId,
        reason,
        before: { drift: drifted.flatMap(({ desired, observed }) => driftOf(desired, observed)) },
      },
    ]);
    return { result: { ...(await tenancyView(tx, tenancy)), operationId }, audit, events };
  },
});
