import type { AuditEvent } from "../audit/record.ts";
import { covers } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import { lockMap } from "../db/map-lock.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { lockNodes } from "./ledger-rows.ts";
import { ensureLimits, type NodeRow, raiseGeneration, saveFigures, saveParent } from "./rows.ts";
import { lockExpected, settleTree } from "./settle-tree.ts";
import { findNode, readLinks } from "./store.ts";
import { chainOf, figuresOf, type QuotaLink } from "./tree.ts";
import { withParent } from "./tree-move.ts";
import { changeableNode, shown } from "./update-node.ts";
import { type ChangedQuota, MoveQuota } from "./wire.ts";

/**
 * Moves a node with everything below it to another parent while both are in use. Usage is derived anew along
 * both chains; where somebody on them would then be over, the caller has to choose what is to happen.
 */
export const moveQuota = defineVerb({
  name: "quota.move",
  permission: "quota.write",
  input: MoveQuota,
  async run(
    tx,
    ctx,
    { nodeId, parentId: wanted, overLimit, dryRun = false, ifMatch },
  ): Promise<Outcome<ChangedQuota>> {
    await lockMap(tx);
    const node = await changeableNode(tx, ctx, nodeId, ifMatch);
    const parentId = knownId<QuotaNodeId>(wanted);
    await assertParent(tx, ctx, node, parentId);
    const seen = await readLinks(tx, [node.id, parentId]);
    const holders = await lockExpected(
      tx,
      { before: seen, after: withParent(seen, node.id, parentId) },
      overLimit,
    );
    const before = await lockedLinks(tx, seen, node.id, parentId, dryRun);
    const after = withParent(before, node.id, parentId);
    const chain = chainOf(after, node.id);
    if (dryRun) {
      const { consequences } = await settleTree(tx, ctx, { before, after }, overLimit, holders, true);
      return { result: { ...(await shown(tx, ctx, { ...node, parentId }, chain)), consequences }, audit: [] };
    }
    for (const link of after.values()) {
      for (const name of RESOURCE_CLASSES) {
        const figures = figuresOf(link, name);
        if (figures !== before.get(link.id)?.figures[name]) await saveFigures(tx, link.id, name, figures);
      }
    }
    const saved = { ...(await raiseGeneration(tx, node)), parentId };
    await saveParent(tx, node.id, parentId);
    const settled = await settleTree(tx, ctx, { before, after }, overLimit, holders, false);
    const fresh = chainOf(await readLinks(tx, [node.id]), node.id);
    const audit: AuditEvent = {
      action: "quota.move",
      targetType: "quota",
      targetId: node.id,
      cloudId: node.cloudId,
      organizationId: node.organizationId,
      before: { generation: node.generation, parentId: node.parentId },
      after: { generation: saved.generation, parentId, overLimit: overLimit ?? null },
    };
    return {
      result: { ...(await shown(tx, ctx, saved, fresh)), consequences: settled.consequences },
      audit: [audit, ...settled.audit],
      events: settled.events,
    };
  },
});

/** The tree is province, cloud, departments: a cloud stays below the province, a department on its cloud. */
async function assertParent(tx: Tx, ctx: Ctx, node: NodeRow, parentId: QuotaNodeId): Promise<void> {
  const parent = await findNode(tx, parentId);
  if (parent === undefined) throw fault("quota.unknown_node", { nodeId: parentId });
  if (!covers(ctx.scope, { cloudId: parent.cloudId })) throw fault("auth.forbidden", { nodeId: parentId });
  const fits =
    node.kind === "department"
      ? parent.kind !== "province" && parent.cloudId === node.cloudId
      : node.kind === "cloud" && parent.kind === "province";
  if (!fits) throw fault("quota.invalid_parent", { nodeId: node.id, parentId });
}

/** Both chains as they are now that all their rows are locked, in one go and so in one order. */
async function lockedLinks(
  tx: Tx,
  seen: ReadonlyMap<QuotaNodeId, QuotaLink>,
  id: QuotaNodeId,
  parentId: QuotaNodeId,
  dryRun: boolean,
): Promise<Map<QuotaNodeId, QuotaLink>> {
  // A class that a node never had gets its row, so that there is something to lock and to count in.
  if (!dryRun) await ensureLimits(tx, [...seen.keys()], RESOURCE_CLASSES);
  const locked = await lockNodes(tx, [id, parentId], RESOURCE_CLASSES);
  return new Map([...seen].map(([key, link]) => [key, { ...link, ...locked.get(key) }]));
}
