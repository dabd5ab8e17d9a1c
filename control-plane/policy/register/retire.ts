import { fault } from "../../kernel/fault.ts";
import { defineVerb, type Outcome } from "../../verb.ts";
import { secondPerson, seenVersion } from "./activate.ts";
import { setWithout } from "./candidate.ts";
import { assertMandate } from "./mandate.ts";
import { loadBook, lockRegister, saveVersion, turnPage, versionsOf } from "./store.ts";
import { policyAudit, policyEvent, versionView } from "./view.ts";
import { type PolicyVersion, RetirePolicy } from "./wire.ts";

/** Takes a version out of force. No earlier one comes back, unless this one had not begun yet. */
export const retirePolicy = defineVerb({
  name: "policy.retire",
  permission: "policy.activate",
  input: RetirePolicy,
  async run(tx, ctx, { id, version, reason, ifMatch }): Promise<Outcome<PolicyVersion>> {
    await lockRegister(tx);
    const row = await seenVersion(tx, id, version, ifMatch);
    const now = ctx.clock.now();
    if (row.status === "retired") {
      return { result: versionView(row, await versionsOf(tx, id), now), audit: [] };
    }
    if (row.status === "draft") throw fault("policy.invalid_transition", { status: row.status });
    await assertMandate(tx, ctx, row.document);
    const retiredBy = secondPerson(ctx, row);
    const left = setWithout(await loadBook(tx), row, now);
    const heirs = left.policies.filter(({ document }) => document.spec.inherits === id);
    if (heirs.length > 0 && !left.byId.has(id)) {
      throw fault("policy.has_heirs", { id, heirs: heirs.map(({ document }) => document.metadata.id) });
    }
    const after = await saveVersion(tx, row, { status: "retired", retiredAt: now, retiredBy, reason });
    await turnPage(tx);
    const view = versionView(after, await versionsOf(tx, id), now);
    return { result: view, audit: policyAudit("policy.retire", after, view), events: [policyEvent(after)] };
  },
});
