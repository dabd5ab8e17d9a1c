import type { Tx } from "../../db/tx.ts";
import type { QuotaNodeId } from "../../kernel/ids.ts";
import type { ResourceClass } from "../../kernel/quantity.ts";
import { openCases } from "../../over-limits/store.ts";
import { excessesOf, type QuotaExcess } from "../excess.ts";
import { deriveTree, figuresOf, type QuotaFigures } from "../tree.ts";
import { type Findings, findingsOf } from "./invariant.ts";
import { readTree } from "./tree-rows.ts";

type PerClass<Value> = { [Class in ResourceClass]?: Value };

const DERIVED = ["localQuota", "subtreeQuota", "usage"] as const;

/** What was derived while limits and counters changed, against what they give when derived at once. */
export async function derivedFigures(tx: Tx): Promise<Findings> {
  const { nodes, limits } = await readTree(tx);
  const byNode = new Map<QuotaNodeId, { limits: PerClass<QuotaFigures>; claimed: PerClass<number> }>();
  for (const { nodeId, resourceClass, used, held, ...figures } of limits) {
    const known = byNode.get(nodeId) ?? { limits: {}, claimed: {} };
    known.limits[resourceClass] = figures;
    known.claimed[resourceClass] = used + held;
    byNode.set(nodeId, known);
  }
  const tree = deriveTree(
    nodes.map((node) => ({ ...node, ...(byNode.get(node.id) ?? { limits: {}, claimed: {} }) })),
  );
  const differences = limits.flatMap((stored) => {
    const link = tree.get(stored.nodeId);
    if (link === undefined) return [];
    const derived = figuresOf(link, stored.resourceClass);
    const wrong = DERIVED.filter((name) => stored[name] !== derived[name]);
    if (wrong.length === 0) return [];
    const figures = Object.fromEntries(
      wrong.flatMap((name) => [
        [name, stored[name]],
        [`${name}Derived`, derived[name]],
      ]),
    );
    return [{ place: `${stored.nodeId} ${stored.resourceClass}`, figures }];
  });
  return findingsOf(differences);
}

/**
 * Judged on the stored figures: those are what every hold is judged on. Where somebody has lowered a limit and
 * chosen what is to happen, a node may be over, but by no more than was known.
 */
export async function usageOverQuota(tx: Tx): Promise<Findings> {
  const { nodes, limits } = await readTree(tx);
  const figures = new Map<QuotaNodeId, PerClass<QuotaFigures>>(nodes.map(({ id }) => [id, {}]));
  for (const { nodeId, resourceClass, ...row } of limits) {
    const known = figures.get(nodeId);
    if (known !== undefined) known[resourceClass] = row;
  }
  const tree = new Map(nodes.map((node) => [node.id, { ...node, figures: figures.get(node.id) ?? {} }]));
  const allowed = new Map(
    (await openCases(tx, { nodeIds: nodes.map(({ id }) => id) })).map((row) => [
      `${row.nodeId} ${row.resourceClass}`,
      row.over,
    ]),
  );
  const over = ({ nodeId, dimension, missing }: QuotaExcess) =>
    missing > (allowed.get(`${nodeId} ${dimension}`) ?? 0);
  return findingsOf(
    excessesOf(tree)
      .filter(over)
      .map(({ nodeId, dimension, limit, used, missing }) => ({
        place: `${nodeId} ${dimension}`,
        figures: { limit, used, over: missing },
      })),
  );
}
