import type { Ctx } from "../../context.ts";
import { fault } from "../../kernel/fault.ts";
import { defineVerb, type Outcome } from "../../verb.ts";
import { candidateOf, compiledOrRefused } from "./candidate.ts";
import { assertMandate } from "./mandate.ts";
import { deleteDraft, insertVersions, lockRegister, type VersionRow, versionsOf } from "./store.ts";
import { policyAudit, policyEvent, versionView } from "./view.ts";
import { DraftPolicy, type PolicyVersion } from "./wire.ts";

/**
 * Keeps a version as a draft, which decides nothing. A draft of the same version is replaced; a version that was
 * activated never is. Everything that would forbid its activation today is said at once.
 */
export const draftPolicy = defineVerb({
  name: "policy.draft",
  permission: "policy.write",
  input: DraftPolicy,
  async run(tx, ctx, { yaml, pack, dryRun = false }): Promise<Outcome<PolicyVersion>> {
    const policy = compiledOrRefused(yaml, pack);
    await lockRegister(tx);
    const { contentHash, predecessor } = await candidateOf(tx, policy, ctx.clock.now());
    await assertMandate(tx, ctx, policy.document, ...(predecessor === null ? [] : [predecessor.document]));
    const { id, version } = policy.document.metadata;
    const known = await versionsOf(tx, id);
    const draft = known.find((row) => row.version === version);
    const others = known.filter((row) => row !== draft);
    if (draft?.contentHash === contentHash && draft.pack === pack && draft.author === ctx.actor.accountId) {
      return { result: versionView(draft, known, ctx.clock.now()), audit: [] };
    }
    const row = draftRow(ctx, policy, contentHash, (draft?.generation ?? 0) + 1);
    const view = versionView(row, [row, ...others], ctx.clock.now());
    if (dryRun) return { result: view, audit: [] };
    if (draft !== undefined) await deleteDraft(tx, draft);
    await insertVersions(tx, [row]);
    return { result: view, audit: policyAudit("policy.draft", row, view), events: [policyEvent(row)] };
  },
});

function draftRow(
  ctx: Ctx,
  { pack, document }: { pack: string; document: VersionRow["document"] },
  contentHash: string,
  generation: number,
): VersionRow {
  const { accountId: author } = ctx.actor;
  // Two persons have to be told apart later.
  if (author === null) throw fault("auth.forbidden");
  const { id, version } = document.metadata;
  return {
    id,
    version,
    pack,
    document,
    contentHash,
    source: "api",
    status: "draft",
    author,
    approver: null,
    createdAt: ctx.clock.now(),
    activatedAt: null,
    retiredAt: null,
    retiredBy: null,
    reason: null,
    generation,
  };
}
