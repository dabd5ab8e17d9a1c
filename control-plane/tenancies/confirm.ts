import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { TRANSITIONS } from "../requests/lifecycle.ts";
import { findOrganization } from "../requests/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { type Confirmation, type ConfirmationParty, isConfirmed } from "./grant.ts";
import { lockSeen } from "./lock-seen.ts";
import { moveTenancy, tenancyAudit, tenancyEvent } from "./move.ts";
import { partiesOf } from "./party.ts";
import { saveTenancy, type TenancyRow } from "./store.ts";
import { tenancyView } from "./view.ts";
import { ConfirmTenancy, type Tenancy } from "./wire.ts";

/**
 * One party's word that the trial run has gone well (三方确认). Three parties means three people: nobody
 * confirms twice, not even for another party. With the third word the system goes live.
 */
export const confirmTenancy = defineVerb({
  name: "tenancy.confirm",
  permission: "tenancy.confirm",
  input: ConfirmTenancy,
  async run(tx, ctx, { id, party: named, ifMatch }): Promise<Outcome<Tenancy>> {
    const before = await lockSeen(tx, ctx, id, ifMatch);
    if (before.status !== "trial") {
      const possible = TRANSITIONS[before.status];
      throw fault("tenancy.invalid_transition", { from: before.status, to: "in_service", possible });
    }
    const party = await partyOf(tx, ctx, before, named);
    const { accountId } = ctx.actor;
    const confirmation: Confirmation = { party, accountId, at: ctx.clock.now().toISOString() };
    const confirmations = [...before.confirmations, confirmation];
    if (isConfirmed(confirmations)) {
      const change = { confirmations, statusReason: null };
      const moved = await moveTenancy(tx, ctx, before, "in_service", "tenancy.confirm", change);
      return { result: await tenancyView(tx, moved.tenancy), audit: moved.audit, events: [moved.event] };
    }
    const after = await saveTenancy(tx, before, { confirmations }, ctx.clock.now());
    return {
      result: await tenancyView(tx, after),
      audit: tenancyAudit("tenancy.confirm", before, after),
      events: [tenancyEvent(after)],
    };
  },
});

/** Whom the caller speaks for: the party that was named, or the only one left of those the caller may be. */
async function partyOf(
  tx: Tx,
  ctx: Ctx,
  tenancy: TenancyRow,
  named: ConfirmationParty | undefined,
): Promise<ConfirmationParty> {
  const organization = await findOrganization(tx, tenancy.organizationId);
  const place = { organizationPath: organization?.path ?? null, cloudId: tenancy.cloudId };
  const parties = partiesOf(ctx.actor.grants, place);
  const wanted = named === undefined ? parties : parties.filter((party) => party === named);
  if (wanted.length === 0) throw fault("auth.forbidden", { party: named ?? null });
  const given = tenancy.confirmations;
  if (given.some(({ accountId }) => accountId !== null && accountId === ctx.actor.accountId)) {
    throw fault("tenancy.already_confirmed", { confirmations: given.map(({ party }) => party) });
  }
  const open = wanted.filter((party) => !given.some((entry) => entry.party === party));
  const [party] = open;
  if (party === undefined) throw fault("tenancy.already_confirmed", { parties: wanted });
  if (open.length > 1) {
    const message = `must name one of ${open.join(", ")}`;
    throw fault("http.invalid_input", { issues: [{ path: "party", message }] });
  }
  return party;
}
