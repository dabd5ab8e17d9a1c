import { cloudsLacking } from "../clouds/store.ts";
import { fault } from "../kernel/fault.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { lockSeen } from "./lock-seen.ts";
import { placementsOf } from "./store.ts";
import { switchTenancy } from "./suspension.ts";
import { tenancyView } from "./view.ts";
import { type StartedTenancy, SuspendTenancy } from "./wire.ts";

/** Stops a tenancy's instances at its clouds; data, quota and capacity stay as they are. */
export const suspendTenancy = defineVerb({
  name: "tenancy.suspend",
  permission: "tenancy.operate",
  input: SuspendTenancy,
  async run(tx, ctx, { id, reason, ifMatch }): Promise<Outcome<StartedTenancy>> {
    const before = await lockSeen(tx, ctx, id, ifMatch);
    const placements = await placementsOf(tx, before.id);
    const ids = placements.map(({ cloudId }) => cloudId);
    const unable = await cloudsLacking(tx, ids, "suspend");
    if (unable.length > 0) throw fault("cloud.unsupported", { flag: "suspend", cloudIds: unable });
    const change = { to: "suspended", suspended: true, action: "tenancy.suspend", reason } as const;
    const { tenancy, operationId, audit, events } = await switchTenancy(tx, ctx, before, change);
    return { result: { ...(await tenancyView(tx, tenancy)), operationId }, audit, events };
  },
});
