import { covers, scopeOf } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { QuantityError, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import { defineVerb } from "../verb.ts";
import { newExcesses } from "./excess.ts";
import { lockNodes } from "./ledger-rows.ts";
import { quotaOf } from "./node-figures.ts";
import {
  childrenOf,
  ensureLimits,
  getNodeInScope,
  type NodeRow,
  raiseGeneration,
  readLinks,
  rootFirst,
  saveFigures,
  usageOf,
} from "./rows.ts";
import { chainOf, figuresOf, type QuotaChain, type QuotaLimit, withLimit } from "./tree.ts";
import { UpdateQuota } from "./wire.ts";

type Limits = { readonly [Class in ResourceClass]?: QuotaLimit | undefined };

/** Sets limits of one node, unless somebody on the way to the root would then be over. */
export const updateQuota = defineVerb({
  name: "quota.update",
  permission: "quota.write",
  input: UpdateQuota,
  async run(tx, ctx, { nodeId, limits, dryRun = false, ifMatch }) {
    const node = await changeableNode(tx, ctx, nodeId, ifMatch);
    const classes = RESOURCE_CLASSES.filter((name) => limits[name] !== undefined);
    const chain = chainOf(await readLinks(tx, [node.id]), node.id);
    if (!dryRun) await ensureLimits(tx, rootFirst(chain), classes);
    const before = await lockedChain(tx, chain, classes);
    const after = withLimits(before, classes, limits);
    const excesses = newExcesses(byId(before), byId(after));
    if (excesses.length > 0) throw fault("quota.over_limit", { excesses, count: excesses.length });

    const usage = (await usageOf(tx, [node.id])).get(node.id) ?? [];
    const children = (await childrenOf(tx, ctx.scope, [node.id])).get(node.id) ?? [];
    if (dryRun) return { result: quotaOf(node, after, usage, children), audit: [] };
    for (const link of after) {
      for (const name of classes) await saveFigures(tx, link.id, name, figuresOf(link, name));
    }
    const saved = await raiseGeneration(tx, node);
    return {
      result: quotaOf(saved, after, usage, children),
      audit: {
        action: "quota.update",
        targetType: "quota",
        targetId: node.id,
        cloudId: node.cloudId,
        organizationId: node.organizationId,
        before: { generation: node.generation, limits: limitsOf(before, classes) },
        after: { generation: saved.generation, limits: limitsOf(after, classes) },
      },
    };
  },
});

const NONE: QuotaLimit = { nominal: 0, borrowingLimit: null, lendingLimit: null };

function withLimits(chain: QuotaChain, classes: readonly ResourceClass[], limits: Limits): QuotaChain {
  try {
    return classes.reduce((changed, name) => withLimit(changed, name, limits[name] ?? NONE), chain);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    const message = "together with the other limits of the tree the figures would not be exact";
    throw fault("http.invalid_input", { issues: [{ path: "limits", message }] }, { cause: error });
  }
}

/** 404 for a node out of sight, 403 for one that is only to be looked at, then the precondition. */
async function changeableNode(
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
