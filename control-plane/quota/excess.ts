import type { QuotaNodeId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import { figuresOf, limitOf, type QuotaLevel, type QuotaLink } from "./tree.ts";

/** A node that uses more of one class than its own quota and what it may borrow. */
export interface QuotaExcess {
  readonly nodeId: QuotaNodeId;
  readonly level: QuotaLevel;
  readonly dimension: ResourceClass;
  /** `subtreeQuota`, with the borrowing limit below a root. */
  readonly limit: number;
  readonly used: number;
  readonly missing: number;
}

/**
 * Who is over. A node without a borrowing limit never is: what it uses beyond its quota counts at its
 * parent, up to a node that has a limit or to the root.
 */
export function excessesOf(tree: ReadonlyMap<QuotaNodeId, QuotaLink>): QuotaExcess[] {
  const found: QuotaExcess[] = [];
  for (const link of tree.values()) {
    for (const dimension of RESOURCE_CLASSES) {
      const { usage } = figuresOf(link, dimension);
      const limit = limitOf(link, dimension);
      if (limit === null || usage <= limit) continue;
      found.push({
        nodeId: link.id,
        level: link.level,
        dimension,
        limit,
        used: usage,
        missing: usage - limit,
      });
    }
  }
  return found;
}

/** Who is over now and was not before, or not as far. */
export function newExcesses(
  before: ReadonlyMap<QuotaNodeId, QuotaLink>,
  after: ReadonlyMap<QuotaNodeId, QuotaLink>,
): QuotaExcess[] {
  const keyOf = ({ nodeId, dimension }: QuotaExcess) => `${nodeId} ${dimension}`;
  const known = new Map(excessesOf(before).map((excess) => [keyOf(excess), excess.missing]));
  return excessesOf(after).filter((excess) => excess.missing > (known.get(keyOf(excess)) ?? 0));
}
