import { fault } from "../kernel/fault.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import {
  amountOf,
  assertExact,
  entriesOf,
  QuantityError,
  RESOURCE_CLASSES,
  type ResourceClass,
  type ResourceVector,
} from "../kernel/quantity.ts";

/**
 * The borrow/lend arithmetic. Names and formulas are those of Kueue's cohorts
 * (kubernetes-sigs/kueue, pkg/cache/scheduler/resource_node.go). Classes never influence each other.
 */
export type QuotaLevel = "province" | "cloud" | "department" | "tenancy";

export interface QuotaLimit {
  readonly nominal: number;
  /** How far usage may pass the node's own subtree quota; null is unlimited. Has no meaning at a root. */
  readonly borrowingLimit: number | null;
  /** How much of the subtree quota others may use; null is everything. */
  readonly lendingLimit: number | null;
}

export interface QuotaFigures extends QuotaLimit {
  /** The part of `subtreeQuota` that is never lent upward. */
  readonly localQuota: number;
  readonly subtreeQuota: number;
  /** Claims and holds of this node, and what its children use beyond their `localQuota`. */
  readonly usage: number;
}

type PerClass<Value> = { readonly [Class in ResourceClass]?: Value };

/** A node as it is configured, with what is claimed at the node itself, not below it. */
export interface QuotaNode {
  readonly id: QuotaNodeId;
  readonly parentId: QuotaNodeId | null;
  readonly level: QuotaLevel;
  /** A class without a limit has no quota of its own and passes everything on to the parent. */
  readonly limits: PerClass<QuotaLimit>;
  readonly claimed: ResourceVector;
}

/** A node with its derived figures: all that an admission needs to know of it. */
export interface QuotaLink {
  readonly id: QuotaNodeId;
  readonly parentId: QuotaNodeId | null;
  readonly level: QuotaLevel;
  readonly figures: PerClass<QuotaFigures>;
  /** Classes that may not grow here or below: the node was left over a lowered limit until it shrinks. */
  readonly frozen?: readonly ResourceClass[];
}

/** From the node that claims up to its root. */
export type QuotaChain = readonly [QuotaLink, ...QuotaLink[]];

export interface UsageChange {
  readonly nodeId: QuotaNodeId;
  readonly resourceClass: ResourceClass;
  readonly delta: number;
  /** The node's usage after the change. */
  readonly usage: number;
}

export interface QuotaShortfall {
  /** The node whose limit binds; where two bind equally, the one nearest to the claim. */
  readonly nodeId: QuotaNodeId;
  readonly level: QuotaLevel;
  readonly dimension: ResourceClass;
  /** `subtreeQuota`, with the borrowing limit below a root. */
  readonly limit: number;
  /** Usage at that node, claims and holds together. */
  readonly used: number;
  /** The part of `used` that is above the node's own subtree quota. */
  readonly borrowed: number;
  /** Refused whatever the figures say, because growth is frozen at that node. */
  readonly frozen: boolean;
  readonly requested: number;
  /** What a claim at the start of the chain could still get; never below 0. */
  readonly available: number;
  /** `requested` less the arithmetic availability: after over-admission more than `requested`. */
  readonly missing: number;
}

/** The nodes do not form a forest: an id twice, an unknown parent, or a cycle. */
export class QuotaTreeError extends Error {}

const PASS_THROUGH: QuotaFigures = {
  nominal: 0,
  borrowingLimit: null,
  lendingLimit: null,
  localQuota: 0,
  subtreeQuota: 0,
  usage: 0,
};

/** The figures of a class; a class the node does not mention passes everything on. */
export function figuresOf(link: QuotaLink, resourceClass: ResourceClass): QuotaFigures {
  return link.figures[resourceClass] ?? PASS_THROUGH;
}

function plus(left: number, right: number): number {
  return assertExact(left + right);
}

/** What the node puts at its parent's disposal. */
export function lent(figures: QuotaFigures): number {
  return figures.subtreeQuota - figures.localQuota;
}

/** What the node uses of its parent. */
export function bubbled(figures: QuotaFigures): number {
  return Math.max(0, figures.usage - figures.localQuota);
}

function localAvailable(figures: QuotaFigures): number {
  return Math.max(0, figures.localQuota - figures.usage);
}

/** The figures of one node that follow from what its children bring. */
export function derive(limit: QuotaLimit, subtreeQuota: number, usage: number): QuotaFigures {
  for (const value of [limit.nominal, limit.borrowingLimit ?? 0, limit.lendingLimit ?? 0, usage]) {
    if (assertExact(value) < 0) throw new QuantityError(`a quota figure may not be negative: ${value}`);
  }
  const { nominal, borrowingLimit, lendingLimit } = limit;
  const localQuota = lendingLimit === null ? 0 : Math.max(0, subtreeQuota - lendingLimit);
  return { nominal, borrowingLimit, lendingLimit, localQuota, subtreeQuota, usage };
}

/** Parents after their children. */
function leavesFirst(nodes: ReadonlyMap<QuotaNodeId, QuotaNode>): QuotaNode[] {
  const childrenLeft = new Map<QuotaNodeId, number>();
  for (const node of nodes.values()) {
    if (node.parentId === null) continue;
    if (!nodes.has(node.parentId))
      throw new QuotaTreeError(`${node.id} has an unknown parent ${node.parentId}`);
    childrenLeft.set(node.parentId, (childrenLeft.get(node.parentId) ?? 0) + 1);
  }
  const order = [...nodes.values()].filter((node) => !childrenLeft.has(node.id));
  for (const node of order) {
    const parent = node.parentId === null ? undefined : nodes.get(node.parentId);
    if (parent === undefined) continue;
    const left = (childrenLeft.get(parent.id) ?? 0) - 1;
    childrenLeft.set(parent.id, left);
    if (left === 0) order.push(parent);
  }
  if (order.length < nodes.size) throw new QuotaTreeError("the quota tree has a cycle");
  return order;
}

/**
 * Derives every figure from limits and claims alone. Several roots are allowed.
 * Throws `QuotaTreeError` for anything but a forest and `QuantityError` where a sum is not exact.
 */
export function deriveTree(nodes: Iterable<QuotaNode>): ReadonlyMap<QuotaNodeId, QuotaLink> {
  const byId = new Map<QuotaNodeId, QuotaNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) throw new QuotaTreeError(`${node.id} appears twice`);
    byId.set(node.id, node);
  }
  const order = leavesFirst(byId);
  const figures = new Map<QuotaNodeId, { [Class in ResourceClass]?: QuotaFigures }>();
  for (const node of order) figures.set(node.id, {});
  for (const resourceClass of RESOURCE_CLASSES) {
    const lentByChildren = new Map<QuotaNodeId, number>();
    const usedByChildren = new Map<QuotaNodeId, number>();
    for (const node of order) {
      const limit = node.limits[resourceClass] ?? PASS_THROUGH;
      const derived = derive(
        limit,
        plus(limit.nominal, lentByChildren.get(node.id) ?? 0),
        plus(amountOf(node.claimed, resourceClass), usedByChildren.get(node.id) ?? 0),
      );
      const own = figures.get(node.id);
      if (own !== undefined) own[resourceClass] = derived;
      if (node.parentId === null) continue;
      lentByChildren.set(node.parentId, plus(lentByChildren.get(node.parentId) ?? 0, lent(derived)));
      usedByChildren.set(node.parentId, plus(usedByChildren.get(node.parentId) ?? 0, bubbled(derived)));
    }
  }
  const links = new Map<QuotaNodeId, QuotaLink>();
  for (const { id, parentId, level } of byId.values()) {
    links.set(id, { id, parentId, level, figures: figures.get(id) ?? {} });
  }
  return links;
}

/** The chain from a node to its root; `quota.unknown_node` where the tree lacks one of them. */
export function chainOf(tree: ReadonlyMap<QuotaNodeId, QuotaLink>, id: QuotaNodeId): QuotaChain {
  const linkOf = (nodeId: QuotaNodeId): QuotaLink => {
    const link = tree.get(nodeId);
    if (link === undefined) throw fault("quota.unknown_node", { nodeId });
    return link;
  };
  const leaf = linkOf(id);
  const above: QuotaLink[] = [];
  for (let next = leaf.parentId; next !== null; ) {
    if (above.length >= tree.size) throw new QuotaTreeError("the quota tree has a cycle");
    const link = linkOf(next);
    above.push(link);
    next = link.parentId;
  }
  return [leaf, ...above];
}

interface Binding {
  readonly available: number;
  readonly link: QuotaLink;
}

/** Walks from the root down, since what a node may use depends on what its parent has left. */
function bind(chain: QuotaChain, resourceClass: ResourceClass): Binding {
  let link: QuotaLink | null = null;
  let left = 0;
  for (let index = chain.length - 1; index >= 0; index -= 1) {
    const here = chain[index];
    if (here === undefined) continue;
    const figures = figuresOf(here, resourceClass);
    if (link === null) {
      link = here;
      left = plus(figures.subtreeQuota, -figures.usage);
      continue;
    }
    if (figures.borrowingLimit !== null) {
      const cap = plus(plus(lent(figures), -bubbled(figures)), figures.borrowingLimit);
      if (cap <= left) {
        link = here;
        left = cap;
      }
    }
    left = plus(localAvailable(figures), left);
  }
  return { available: left, link: link ?? chain[0] };
}

/**
 * What may still be claimed at the start of the chain. Negative after over-admission, when a limit was
 * lowered under what is in use; show it to people as 0.
 */
export function available(chain: QuotaChain, resourceClass: ResourceClass): number {
  return bind(chain, resourceClass).available;
}

/** What could be claimed at the start of the chain if nothing at all were in use. */
export function potentiallyAvailable(chain: QuotaChain, resourceClass: ResourceClass): number {
  let left: number | null = null;
  for (const link of chain.toReversed()) {
    const { subtreeQuota, localQuota, borrowingLimit } = figuresOf(link, resourceClass);
    if (left === null) {
      left = subtreeQuota;
      continue;
    }
    left = plus(localQuota, left);
    if (borrowingLimit !== null) left = Math.min(left, plus(subtreeQuota, borrowingLimit));
  }
  return left ?? 0;
}

/**
 * Adds a claim (or takes one back, where negative) at the start of the chain, admitted or not:
 * ask `firstShortfall` first. Returns the nodes whose usage changes, from the start of the chain upward.
 */
export function addUsage(chain: QuotaChain, resourceClass: ResourceClass, delta: number): UsageChange[] {
  const changes: UsageChange[] = [];
  let rest = assertExact(delta);
  for (const link of chain) {
    // Usage inside localQuota never touches the parent: most claims end at their first node.
    if (rest === 0) break;
    const before = figuresOf(link, resourceClass);
    const usage = plus(before.usage, rest);
    if (usage < 0)
      throw new QuantityError(`usage of ${resourceClass} at ${link.id} would be negative: ${usage}`);
    changes.push({ nodeId: link.id, resourceClass, delta: rest, usage });
    rest = bubbled({ ...before, usage }) - bubbled(before);
  }
  return changes;
}

/** `addUsage` for every class of a vector. */
export function addUsages(chain: QuotaChain, vector: ResourceVector): UsageChange[] {
  return entriesOf(vector).flatMap(([resourceClass, delta]) => addUsage(chain, resourceClass, delta));
}

function mapChain(chain: QuotaChain, change: (link: QuotaLink) => QuotaLink): QuotaChain {
  const [leaf, ...above] = chain;
  return [change(leaf), ...above.map(change)];
}

/** The chain after the changes; changes of nodes that are not on it are of no concern here. */
export function withUsage(chain: QuotaChain, changes: readonly UsageChange[]): QuotaChain {
  if (changes.length === 0) return chain;
  return mapChain(chain, (link) => {
    let figures = link.figures;
    for (const { nodeId, resourceClass, usage } of changes) {
      if (nodeId !== link.id) continue;
      figures = { ...figures, [resourceClass]: { ...figuresOf(link, resourceClass), usage } };
    }
    return figures === link.figures ? link : { ...link, figures };
  });
}

/** The chain after the limits of its first node were changed; over-admission is possible and counted. */
export function withLimit(chain: QuotaChain, resourceClass: ResourceClass, limit: QuotaLimit): QuotaChain {
  let moreLent = 0;
  let moreUsed = 0;
  return mapChain(chain, (link) => {
    const before = figuresOf(link, resourceClass);
    const next = link === chain[0] ? limit : before;
    const after = derive(
      next,
      plus(plus(before.subtreeQuota - before.nominal, next.nominal), moreLent),
      plus(before.usage, moreUsed),
    );
    moreLent = lent(after) - lent(before);
    moreUsed = bubbled(after) - bubbled(before);
    return { ...link, figures: { ...link.figures, [resourceClass]: after } };
  });
}

/** Every class of which the chain cannot give the asked amount; amounts of 0 and below always fit. */
export function shortfalls(chain: QuotaChain, vector: ResourceVector): QuotaShortfall[] {
  const found: QuotaShortfall[] = [];
  for (const [dimension, requested] of entriesOf(vector)) {
    if (requested <= 0) continue;
    const frozen = frozenAt(chain, dimension);
    const binding = frozen === null ? bind(chain, dimension) : { link: frozen, available: 0 };
    if (requested <= binding.available) continue;
    const { id: nodeId, level } = binding.link;
    const { usage, subtreeQuota } = figuresOf(binding.link, dimension);
    found.push({
      nodeId,
      level,
      dimension,
      limit: limitOf(binding.link, dimension) ?? subtreeQuota,
      used: usage,
      borrowed: Math.max(0, usage - subtreeQuota),
      frozen: frozen !== null,
      requested,
      available: Math.max(0, binding.available),
      missing: plus(requested, -binding.available),
    });
  }
  return found;
}

/** The node nearest to the claim at which the class may not grow. */
export function frozenAt(chain: QuotaChain, resourceClass: ResourceClass): QuotaLink | null {
  return chain.find(({ frozen }) => frozen?.includes(resourceClass)) ?? null;
}

/** `subtreeQuota`, with the borrowing limit below a root; null where the node may borrow without limit. */
export function limitOf(link: QuotaLink, resourceClass: ResourceClass): number | null {
  const { subtreeQuota, borrowingLimit } = figuresOf(link, resourceClass);
  const borrowable = link.parentId === null ? 0 : borrowingLimit;
  return borrowable === null ? null : plus(subtreeQuota, borrowable);
}

/** The first class, in lock order, that does not fit; null where all do. */
export function firstShortfall(chain: QuotaChain, vector: ResourceVector): QuotaShortfall | null {
  return shortfalls(chain, vector)[0] ?? null;
}
