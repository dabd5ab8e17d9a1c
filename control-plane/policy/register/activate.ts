import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { fault } from "../../kernel/fault.ts";
import type { AccountId } from "../../kernel/ids.ts";
import { defineVerb, type Outcome } from "../../verb.ts";
import { compileKept } from "../compile.ts";
import { candidateOf } from "./candidate.ts";
import { assertMandate } from "./mandate.ts";
import { findVersion, lockRegister, saveVersion, turnPage, type VersionRow, versionsOf } from "./store.ts";
import { policyAudit, policyEvent, versionView } from "./view.ts";
import { ActivatePolicy, type PolicyVersion } from "./wire.ts";

/** Puts a draft in force, from now on or from its first day; another person than its author does. */
export const activatePolicy = defineVerb({
  name: "policy.activate",
  permission: "policy.activate",
  input: ActivatePolicy,
  async run(tx, ctx, { id, version, dryRun = false, ifMatch }): Promise<Outcome<PolicyVersion>> {
    await lockRegister(tx);
    const row = await seenVersion(tx, id, version, ifMatch);
    if (row.status === "active") {
      return { result: versionView(row, await versionsOf(tx, id), ctx.clock.now()), audit: [] };
    }
    if (row.status !== "draft") throw fault("policy.invalid_transition", { status: row.status });
    const now = ctx.clock.now();
    const policy = compileKept(row.pack, `${id} version ${version}`, row.document);
    const { predecessor } = await candidateOf(tx, policy, now);
    await assertMandate(tx, ctx, row.document, ...(predecessor === null ? [] : [predecessor.document]));
    const change = { status: "active", activatedAt: now, approver: secondPerson(ctx, row) } as const;
    const others = (await versionsOf(tx, id)).filter((one) => one.version !== version);
    const preview = { ...row, ...change };
    const view = versionView(preview, [preview, ...others], now);
    if (dryRun) return { result: view, audit: [] };
    const after = await saveVersion(tx, row, change);
    await turnPage(tx);
    return {
      result: { ...view, generation: after.generation },
      audit: policyAudit("policy.activate", after, view),
      events: [policyEvent(after)],
    };
  },
});

/** @throws http.not_found, http.precondition_failed */
export async function seenVersion(
  tx: Tx,
  id: string,
  version: number,
  ifMatch: number | undefined,
): Promise<VersionRow> {
  const row = await findVersion(tx, id, version);
  if (row === undefined) throw fault("http.not_found");
  if (ifMatch !== undefined && ifMatch !== row.generation) {
    throw fault("http.precondition_failed", { generation: row.generation });
  }
  return row;
}

/** Whoever wrote it does not put it in force, nor take it out of force. @throws auth.self_approval */
export function secondPerson(ctx: Ctx, { id, author }: VersionRow): AccountId {
  const { accountId } = ctx.actor;
  if (accountId === null) throw fault("auth.forbidden");
  if (accountId === author) throw fault("auth.self_approval", { id });
  return accountId;
}
