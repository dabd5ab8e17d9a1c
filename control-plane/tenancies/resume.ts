import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { TRANSITIONS } from "../requests/lifecycle.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { isConfirmed } from "./grant.ts";
import { lockSeen } from "./lock-seen.ts";
import { switchTenancy } from "./suspension.ts";
import { tenancyView } from "./view.ts";
import { ResumeTenancy, type StartedTenancy } from "./wire.ts";

/** Starts a suspended tenancy again, in the status it had. One whose term has ended is renewed first. */
export const resumeTenancy = defineVerb({
  name: "tenancy.resume",
  permission: "tenancy.operate",
  input: ResumeTenancy,
  async run(tx, ctx, { id, reason, ifMatch }): Promise<Outcome<StartedTenancy>> {
    const before = await lockSeen(tx, ctx, id, ifMatch);
    const to = isConfirmed(before.confirmations) ? ("in_service" as const) : ("trial" as const);
    // A tenancy that is being changed may get there too, but not by being resumed.
    if (before.status !== "suspended") {
      const possible = TRANSITIONS[before.status];
      throw fault("tenancy.invalid_transition", { from: before.status, to, possible });
    }
    if (before.termEnd < chinaDate(ctx.clock.now())) {
      throw fault("tenancy.invalid_transition", { from: before.status, to, termEnd: before.termEnd });
    }
    const change = { to, suspended: false, action: "tenancy.resume", reason: reason ?? null } as const;
    const { tenancy, operationId, audit, events } = await switchTenancy(tx, ctx, before, change);
    return { result: { ...(await tenancyView(tx, tenancy)), operationId }, audit, events };
  },
});
