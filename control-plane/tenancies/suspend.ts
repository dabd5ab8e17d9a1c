import { defineVerb, type Outcome } from "../verb.ts";
import { lockSeen } from "./lock-seen.ts";
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
    const change = { to: "suspended", suspended: true, action: "tenancy.suspend", reason } as const;
    const { tenancy, operationId, audit, events } = await switchTenancy(tx, ctx, before, change);
    return { result: { ...(await tenancyView(tx, tenancy)), operationId }, audit, events };
  },
});
