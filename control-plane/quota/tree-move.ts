import { fault } from "../kernel/fault.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import { assertExact, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import {
  bubbled,
  chainOf,
  derive,
  figuresOf,
  lent,
  type QuotaChain,
  type QuotaFigures,
  type QuotaLink,
} from "./tree.ts";

type Links = ReadonlyMap<QuotaNodeId, QuotaLink>;

/** What a node brings to the nodes above it: what it lends them, and what it takes from them. */
interface Burden {
  readonly lent: number;
  readonly used: number;
}

/**
 * The figures after a node has moved below another parent, everything below it with it. `links` hold the node,
 * the new parent, and all that is above either. `quota.cycle` where the new parent is the node or below it.
 */
export function withParent(
  links: Links,
  id: QuotaNodeId,
  parentId: QuotaNodeId,
): Map<QuotaNodeId, QuotaLink> {
  const [node] = chainOf(links, id);
  const above = chainOf(links, parentId);
  if (above.some((link) => link.id === id)) throw fault("quota.cycle", { nodeId: id, parentId });
  const moved = new Map(links);
  for (const name of RESOURCE_CLASSES) {
    const figures = figuresOf(node, name);
    const burden = { lent: lent(figures), used: bubbled(figures) };
    // First taken away and then laid on, so that what both chains share sees both.
    if (node.parentId !== null) carry(moved, chainOf(moved, node.parentId), name, negated(burden));
    carry(moved, chainOf(moved, parentId), name, burden);
  }
  const own = moved.get(id);
  if (own !== undefined) moved.set(id, { ...own, parentId });
  return moved;
}

function negated({ lent: lentBefore, used }: Burden): Burden {
  return { lent: -lentBefore, used: -used };
}

/** Adds a burden at the start of a chain and what it becomes at each node above. */
function carry(
  links: Map<QuotaNodeId, QuotaLink>,
  chain: QuotaChain,
  resourceClass: ResourceClass,
  burden: Burden,
): void {
  let more = burden;
  for (const link of chain) {
    if (more.lent === 0 && more.used === 0) return;
    const before: QuotaFigures = figuresOf(link, resourceClass);
    const subtreeQuota = assertExact(before.subtreeQuota + more.lent);
    const after = derive(before, subtreeQuota, assertExact(before.usage + more.used));
    links.set(link.id, { ...link, figures: { ...link.figures, [resourceClass]: after } });
    more = { lent: lent(after) - lent(before), used: bubbled(after) - bubbled(before) };
  }
}
