import type { AuditEvent } from "../audit/record.ts";
import { covers, scopeOf } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import { lockMap } from "../db/map-lock.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { QuantityError, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import { openCases } from "../over-limits/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { lockNodes } from "./ledger-rows.ts";
import { quotaOf } from "./node-figures.ts";
import {
  childrenOf,
  ensureLimits,
  getNodeInScope,
  type NodeRow,
  raiseGeneration,
  rootFirst,
  saveFigures,
  usageOf,
} from "./rows.ts";
import { lockExpected, settleTree } from "./settle-tree.ts";
import { readLinks } from "./store.ts";
import {
  chainOf,
  figuresOf,
  limitOf,
  potentiallyAvailable,
  type QuotaChain,
  type QuotaLimit,
  withLimit,
} from "./tree.ts";
import { type ChangedQuota, type Quota, UpdateQuota } from "./wire.ts";

type Limits = { readonly [Class in ResourceClass]?: QuotaLimit | undefined };

/**
 * Sets limits of one node. Where somebody on the way to the root would then be over, the caller has to choose
 * what is to happen to them.
 */
export const updateQuota = defineVerb({
  name: "quota.update",
  permission: "quota.write",
  input: UpdateQuota,
  async run(tx, ctx, { nodeId, limits, overLimit, dryRun = false, ifMatch }): Promise<Outcome<ChangedQuota>> {
    await lockMap(tx);
    const node = await changeableNode(tx, ctx, nodeId, ifMatch);
    const classes = RESOURCE_CLASSES.filter((name) => limits[name] !== undefined);
    const chain = chainOf(await readLinks(tx, [node.id]), node.id);
    const expected = { before: byId(chain), after: byId(withLimits(chain, classes, limits)) };
    const holders = await lockExpected(tx, expected, overLimit);
    if (!dryRun) await ensureLimits(tx, rootFirst(chain), classes);
    const before = await lockedChain(tx, chain, classes);
    const after = withLimits(before, classes, limits);
    const change = { before: byId(before), after: byId(after) };
    if (dryRun) {
      const { consequences } = await settleTree(tx, ctx, change, overLimit, holders, true);
      return { result: { ...(await shown(tx, ctx, node, after)), consequences }, audit: [] };
    }
    for (const link of after) {
      for (const name of classes) await saveFigures(tx, link.id, name, figuresOf(link, name));
    }
    const settled = await settleTree(tx, ctx, change, overLimit, holders, false);
    const saved = await raiseGeneration(tx, node);
    const fresh = chainOf(await readLinks(tx, [node.id]), node.id);
    const audit: AuditEvent = {
      action: "quota.update",
      targetType: "quota",
      targetId: node.id,
      cloudId: node.cloudId,
      organizationId: node.organizationId,
      before: { generation: node.generation, limits: limitsOf(before, classes) },
      after: { generation: saved.generation, limits: limitsOf(after, classes), overLimit: overLimit ?? null },
    };
    return {
      result: { ...(await shown(tx, ctx, saved, fresh)), consequences: settled.consequences },
      audit: [audit, ...settled.audit],
      events: settled.events,
    };
  },
});

/** The node with what belongs to it, as the API answers it. */
export async function shown(tx: Tx, ctx: Ctx, node: NodeRow, chain: QuotaChain): Promise<Quota> {
  return quotaOf(node, chain, {
    usage: (await usageOf(tx, [node.id])).get(node.id) ?? [],
    childIds: (await childrenOf(tx, ctx.scope, [node.id])).get(node.id) ?? [],
    cases: await openCases(tx, { nodeIds: [node.id] }),
  });
}

const NONE: QuotaLimit = { nominal: 0, borrowingLimit: null, lendingLimit: null };

function withLimits(chain: QuotaChain, classes: readonly ResourceClass[], limits: Limits): QuotaChain {
  try {
    const after = classes.reduce((changed, name) => withLimit(changed, name, limits[name] ?? NONE), chain);
    for (const name of classes) {
      for (const link of after) limitOf(link, name);
      potentiallyAvailable(after, name);
    }
    return after;
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    const message = "together with the other limits of the tree the figures would not be exact";
    throw fault("http.invalid_input", { issues: [{ path: "limits", message }] }, { cause: error });
  }
}

/** 404 for a node out of sight, 403 for one that is only to be looked at, then the precondition. */
export async function changeableNode(
  tx: Tx,
  ctx: Ctx,
  nodeId: string,
  ifMatch: number | undefined,
): Promise<NodeRow> {
  const visible = scopeOf(ctx.actor.grants, "quota.read") ?? ctx.scope;
  const { node, organizationPath } = await getNodeInScope(tx, visible, nodeId, true);
  if (!covers(ctx.scope, { cloudId: node.cloudId, organizationPath })) {
    throw fault("auth.forbidden", { nodeId: node.id });
  }
  if (ifMatch === undefined) throw fault("http.precondition_required", { generation: node.generation });
  if (ifMatch !== node.generation) throw fault("http.precondition_failed", { generation: node.generation });
  return node;
}

/** The chain again, with the figures of the classes as they are now that their rows are locked. */
async function lockedChain(
  tx: Tx,
  chain: QuotaChain,
  classes: readonly ResourceClass[],
): Promise<QuotaChain> {
  const [leaf, ...above] = chain;
  const locked = await lockNodes(tx, [leaf.id], classes);
  const fresh = (link: QuotaChain[0]) => ({
    ...link,
    figures: { ...link.figures, ...locked.get(link.id)?.figures },
  });
  return [fresh(leaf), ...above.map(fresh)];
}

function byId(chain: QuotaChain) {
  return new Map(chain.map((link) => [link.id, link]));
}

function limitsOf([leaf]: QuotaChain, classes: readonly ResourceClass[]): Limits {
  const limits: { [Class in ResourceClass]?: QuotaLimit } = {};
  for (const name of classes) {
    const { nominal, borrowingLimit, lendingLimit } = figuresOf(leaf, name);
    limits[name] = { nominal, borrowingLimit, lendingLimit };
  }
  return limits;
}
