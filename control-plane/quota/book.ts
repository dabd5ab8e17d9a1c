import { dispatched, type Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { HoldId, PlacementId, QuotaNodeId, TenancyId } from "../kernel/ids.ts";
import { assertExact, entriesOf, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import type { HeldPart } from "./held-part.ts";
import { inventoryKey } from "./inventory-key.ts";
import {
  type LedgerRow,
  type LockedInventory,
  type LockedNode,
  lockInventories,
  lockNodes,
  type NewClaim,
  type NewHold,
  type NodeChange,
  planOnce,
  saveEntered,
} from "./ledger-rows.ts";
import { addUsage, type QuotaChain, type QuotaLink, type UsageChange } from "./tree.ts";

/** One change of one counter pair: what a ledger row says. */
export interface Movement {
  readonly part: Omit<HeldPart, "amounts" | "role">;
  readonly resourceClass: ResourceClass;
  readonly heldDelta: number;
  readonly usedDelta: number;
}

/** What ledger rows of one cause share. */
export interface Posting {
  readonly kind: LedgerRow["kind"];
  readonly at: Date;
  readonly holdId: HoldId | null;
  readonly tenancyId?: TenancyId;
  readonly placementId?: PlacementId;
}

export interface Locked {
  readonly nodes: ReadonlyMap<QuotaNodeId, LockedNode>;
  readonly inventories: ReadonlyMap<string, LockedInventory>;
}

/**
 * Locked figures, and what has been entered on them: the figures follow every entry, so that one is judged after
 * the other, and all of them are written at once.
 */
export interface Book extends Locked {
  readonly changed: Map<string, NodeChange>;
  readonly stocks: Set<LockedInventory>;
  readonly entries: LedgerRow[];
  readonly holds: NewHold[];
  readonly claims: Map<string, NewClaim>;
}

export function movementsOf(
  parts: readonly Omit<HeldPart, "role">[],
  deltas: (amount: number) => Pick<Movement, "heldDelta" | "usedDelta">,
): Movement[] {
  return parts.flatMap((part) =>
    entriesOf(part.amounts).map(([resourceClass, amount]) => ({ part, resourceClass, ...deltas(amount) })),
  );
}

/** Locks whatever the movements touch; everything that one transaction moves is locked before the first entry. */
export async function openBook(tx: Tx, movements: readonly Movement[]): Promise<Book> {
  const locked = movements.length === 0 ? NOTHING : await lock(tx, movements);
  return { ...locked, changed: new Map(), stocks: new Set(), entries: [], holds: [], claims: new Map() };
}

const NOTHING: Locked = { nodes: new Map(), inventories: new Map() };

async function lock(tx: Tx, movements: readonly Movement[]): Promise<Locked> {
  const classes = RESOURCE_CLASSES.filter((name) => movements.some((one) => one.resourceClass === name));
  const nodeIds = unique(movements.map((one) => one.part.quotaNodeId));
  const poolIds = unique(movements.map((one) => one.part.poolId));
  planOnce(tx);
  // Sent one behind the other and carried out in that order: pools are locked after the quota.
  const [nodes, inventories] = await Promise.all([
    lockNodes(tx, nodeIds, classes),
    dispatched().then(() => lockInventories(tx, poolIds, classes)),
  ]);
  return { nodes, inventories };
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

/** From the node up to its root, as far as it is entered by now. */
export function chainAt({ nodes }: Locked, nodeId: QuotaNodeId): QuotaChain {
  const leaf = nodes.get(nodeId);
  if (leaf === undefined) throw fault("quota.unknown_node", { nodeId });
  const above: QuotaLink[] = [];
  for (let next = leaf.parentId; next !== null; ) {
    const link = nodes.get(next);
    if (link === undefined) throw fault("quota.unknown_node", { nodeId: next });
    above.push(link);
    next = link.parentId;
  }
  return [leaf, ...above];
}

/** A node without a row for the class has no counter to keep, so nothing may be counted there. */
export function assertCounted({ nodes }: Locked, { nodeId, resourceClass }: UsageChange): void {
  if (nodes.get(nodeId)?.figures[resourceClass] === undefined) {
    throw fault("quota.unknown_node", { nodeId, resourceClass });
  }
}

/** Enters movements that were found to fit. */
export function enter(book: Book, movements: readonly Movement[], posting: Posting): void {
  for (const movement of movements) {
    const { part, resourceClass, heldDelta, usedDelta } = movement;
    const { cloudId, poolId, quotaNodeId } = part;
    for (const change of addUsage(chainAt(book, quotaNodeId), resourceClass, heldDelta + usedDelta)) {
      assertCounted(book, change);
      const node = book.nodes.get(change.nodeId);
      const before = node?.figures[resourceClass];
      if (node && before) node.figures[resourceClass] = { ...before, usage: change.usage };
      changeAt(book, change.nodeId, resourceClass);
    }
    const own = changeAt(book, quotaNodeId, resourceClass);
    own.heldDelta += heldDelta;
    own.usedDelta += usedDelta;
    const inventory = book.inventories.get(inventoryKey(poolId, resourceClass));
    if (inventory === undefined) throw fault("capacity.exceeded", { poolId, dimension: resourceClass });
    inventory.held += heldDelta;
    inventory.used += usedDelta;
    book.stocks.add(inventory);
    book.entries.push({ ...posting, cloudId, poolId, quotaNodeId, resourceClass, heldDelta, usedDelta });
  }
}

/** What is entered of one node and class; its usage is read when the book is written. */
function changeAt(book: Book, nodeId: QuotaNodeId, resourceClass: ResourceClass): NodeChange {
  const key = `${nodeId}|${resourceClass}`;
  const known = book.changed.get(key);
  if (known !== undefined) return known;
  const change = { nodeId, resourceClass, usedDelta: 0, heldDelta: 0 };
  book.changed.set(key, change);
  return change;
}

/** Claims of one placement and class add up: they become one row. */
export function enterClaim(book: Book, claim: NewClaim): void {
  const key = `${claim.placementId}|${claim.resourceClass}`;
  const amount = assertExact(claim.amount + (book.claims.get(key)?.amount ?? 0));
  book.claims.set(key, { ...claim, amount });
}

/** Sends everything that was entered; nobody needs to wait for the answer. */
export function writeBook(tx: Tx, book: Book): void {
  if (book.changed.size === 0 && book.holds.length === 0) return;
  const nodes = [...book.changed.values()].map((change) => ({
    ...change,
    usage: book.nodes.get(change.nodeId)?.figures[change.resourceClass]?.usage ?? 0,
  }));
  saveEntered(tx, {
    nodes,
    inventories: [...book.stocks],
    holds: book.holds,
    entries: book.entries,
    claims: [...book.claims.values()],
  });
}
