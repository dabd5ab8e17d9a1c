import type { Tx } from "../db/tx.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import { type DerivedRow, type FiguresRow, loadNodes, lockFigures, writeFigures } from "./derive-rows.ts";
import {
  chainOf,
  deriveTree,
  figuresOf,
  limitOf,
  potentiallyAvailable,
  type QuotaFigures,
  type QuotaLimit,
  type QuotaLink,
} from "./tree.ts";

type Tree = ReadonlyMap<QuotaNodeId, QuotaLink>;

export interface DerivedQuota {
  /** The tree as it is stored now. */
  readonly tree: Tree;
  /** Rows whose derived figures were not what limits and counters say, with what they were before. */
  readonly corrected: readonly (DerivedRow & { readonly before: QuotaFigures })[];
}

/** Locks all limits and gives the tree with the figures that are stored, whether they are right or not. */
export async function lockQuota(tx: Tx): Promise<Tree> {
  const rows = byNode(await lockFigures(tx));
  const nodes = await loadNodes(tx);
  return new Map(
    nodes.map((node) => {
      const figures = Object.fromEntries(
        (rows.get(node.id) ?? []).map((row) => [row.resourceClass, row.stored]),
      );
      return [node.id, { ...node, figures }];
    }),
  );
}

/**
 * Derives local quota, subtree quota and usage of the whole tree from limits and own counters, and writes
 * what differs. Called after any change of limits or of the tree's shape. Locks every limit until the
 * transaction ends. Throws `QuantityError` where a sum would not be exact.
 */
export async function deriveQuota(tx: Tx): Promise<DerivedQuota> {
  const locked = await lockFigures(tx);
  const rows = byNode(locked);
  const tree = deriveTree(
    (await loadNodes(tx)).map((node) => {
      const limits: { [Class in ResourceClass]?: QuotaLimit } = {};
      const claimed: { [Class in ResourceClass]?: number } = {};
      for (const row of rows.get(node.id) ?? []) {
        limits[row.resourceClass] = row.stored;
        claimed[row.resourceClass] = row.claimed;
      }
      return { ...node, limits, claimed };
    }),
  );
  assertShowable(tree);
  const corrected = locked.flatMap(({ nodeId, resourceClass, stored }) => {
    const link = tree.get(nodeId);
    const figures = link === undefined ? stored : figuresOf(link, resourceClass);
    return sameFigures(figures, stored) ? [] : [{ nodeId, resourceClass, figures, before: stored }];
  });
  await writeFigures(tx, corrected);
  return { tree, corrected };
}

/** What is shown and judged of a node has to be exact too, before anybody meets it. */
function assertShowable(tree: Tree): void {
  for (const { id } of tree.values()) {
    const chain = chainOf(tree, id);
    for (const name of RESOURCE_CLASSES) {
      limitOf(chain[0], name);
      potentiallyAvailable(chain, name);
    }
  }
}

function byNode(rows: readonly FiguresRow[]): Map<QuotaNodeId, FiguresRow[]> {
  const nodes = new Map<QuotaNodeId, FiguresRow[]>();
  for (const row of rows) {
    const known = nodes.get(row.nodeId);
    if (known === undefined) nodes.set(row.nodeId, [row]);
    else known.push(row);
  }
  return nodes;
}

function sameFigures(left: QuotaFigures, right: QuotaFigures): boolean {
  return (
    left.localQuota === right.localQuota &&
    left.subtreeQuota === right.subtreeQuota &&
    left.usage === right.usage
  );
}
