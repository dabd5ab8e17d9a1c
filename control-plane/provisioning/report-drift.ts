import { record } from "../audit/record.ts";
import { driftRule } from "../clouds/store.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import type { TenancyId } from "../kernel/ids.ts";
import { tenancyEvent } from "../tenancies/move.ts";
import { lockTenancy, type PlacementRow } from "../tenancies/store.ts";
import type { ObservedPlacement } from "./desired.ts";
import { driftOf, isLoss } from "./drift.ts";
import { saveObserved } from "./rows.ts";
import { systemCaller } from "./settle.ts";

/** What the cloud's rule says about a difference of this kind. */
export async function isToBeRepaired(
  app: App,
  placement: PlacementRow,
  observed: ObservedPlacement,
): Promise<boolean> {
  const rule = await app.db.withTx((tx) => driftRule(tx, placement.cloudId));
  return isLoss(driftOf(placement.desired, observed))
    ? rule?.onLoss === "recreate"
    : rule?.onDrift === "repair";
}

/** Shows what differs beside what is desired, and puts each new difference on record; the cloud is left as it is. */
export async function driftReported(
  app: App,
  tenancyId: TenancyId,
  placement: PlacementRow,
  observed: ObservedPlacement,
): Promise<void> {
  const drift = driftOf(placement.desired, observed);
  const isNew = JSON.stringify(drift) !== JSON.stringify(driftOf(placement.desired, placement.observed));
  await app.db.withTx(async (tx) => {
    const tenancy = await lockTenancy(tx, tenancyId);
    await saveObserved(tx, placement, observed, placement.observedGeneration, app.clock.now());
    if (tenancy === undefined || !isNew) return;
    await record(tx, { ...systemCaller(tenancyId), clock: app.clock, ids: app.ids }, [
      {
        action: "tenancy.drifted",
        targetType: "tenancy",
        targetId: tenancyId,
        organizationId: tenancy.organizationId,
        cloudId: placement.cloudId,
        reason: "reported",
        after: { placementId: placement.id, drift },
      },
    ]);
    await publish(tx, app, [tenancyEvent(tenancy)]);
  });
}
