import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import type { HoldId, Ids, PlacementId, QuotaNodeId, RequestId, TenancyId } from "../kernel/ids.ts";
import { entriesOf, RESOURCE_CLASSES, type ResourceClass, type ResourceVector } from "../kernel/quantity.ts";
import type { HeldPart } from "./held-part.ts";
import {
  addClaim,
  addOwn,
  appendEntries,
  type HoldRow,
  insertHold,
  inventoryKey,
  type LedgerRow,
  type LockedInventory,
  type LockedNode,
  lockClaims,
  lockHold,
  lockInventories,
  lockNodes,
  saveInventory,
  saveUsage,
  setClaim,
  settleHold,
} from "./ledger-rows.ts";
import { addUsage, firstShortfall, type QuotaChain, type QuotaLink, withUsage } from "./tree.ts";

interface LedgerContext {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Why a hold was not possible, in figures that a person can check. */
export interface HoldRefusal {
  readonly code: "quota.exceeded" | "capacity.exceeded";
  readonly level: string;
  readonly nodeId: QuotaNodeId | null;
  readonly poolId: string | null;
  readonly dimension: ResourceClass;
  readonly limit: number;
  readonly used: number;
  readonly held: number;
  readonly missing: number;
}

export type HoldOutcome =
  | { readonly held: true; readonly holdId: HoldId }
  | { readonly held: false; readonly refusal: HoldRefusal };

/** One change of one counter pair: what a ledger row says. */
interface Movement {
  readonly part: Omit<HeldPart, "amounts" | "role">;
  readonly resourceClass: ResourceClass;
  readonly heldDelta: number;
  readonly usedDelta: number;
}

/**
 * Holds quota up the tree and capacity in the pools until `expiresAt`, all or nothing.
 * The caller's transaction keeps the locks, so that nobody else decides on the same figures meanwhile.
 */
export async function hold(
  tx: Tx,
  ctx: LedgerContext,
  requestId: RequestId,
  parts: readonly HeldPart[],
  expiresAt: Date,
): Promise<HoldOutcome> {
  const movements = movementsOf(parts, (amount) => ({ heldDelta: amount, usedDelta: 0 }));
  const locked = await lock(tx, movements);
  const refusal = refusalOf(locked, movements);
  if (refusal !== null) return { held: false, refusal };
  const holdId = ctx.ids.next("hold");
  const now = ctx.clock.now();
  await insertHold(tx, { id: holdId, requestId, parts: [...parts], expiresAt, createdAt: now });
  await post(tx, locked, movements, { kind: "hold", at: now, holdId });
  return { held: true, holdId };
}

/** The hold becomes claims of the tenancy's placements; `hold.expired` when it is no longer there to commit. */
export async function commitHold(
  tx: Tx,
  ctx: LedgerContext,
  holdId: HoldId,
  tenancyId: TenancyId,
  placementIds: ReadonlyMap<HeldPart["role"], PlacementId>,
): Promise<void> {
  const now = ctx.clock.now();
  const row = await activeHold(tx, holdId, now);
  const commit = (amount: number) => ({ heldDelta: -amount, usedDelta: amount });
  // All parts are locked before the first is posted, or the order of locks would be broken.
  const locked = await lock(tx, movementsOf(row.parts, commit));
  for (const part of row.parts) {
    const placementId = placementIds.get(part.role);
    if (placementId === undefined)
      throw new Error(`hold ${holdId} has a part ${part.role} without a placement`);
    const posting = { kind: "commit" as const, at: now, holdId, tenancyId, placementId };
    await post(tx, locked, movementsOf([part], commit), posting);
    for (const [resourceClass, amount] of entriesOf(part.amounts)) {
      const { cloudId, poolId, quotaNodeId } = part;
      await addClaim(tx, { placementId, resourceClass, tenancyId, cloudId, poolId, quotaNodeId, amount });
    }
  }
  await settleHold(tx, holdId, "committed", now);
}

/** Gives a hold back; a hold that is settled already is left alone, so that repeats do no harm. */
export async function releaseHold(
  tx: Tx,
  ctx: LedgerContext,
  holdId: HoldId,
  reason: "release" | "expire" = "release",
): Promise<boolean> {
  const row = await lockHold(tx, holdId);
  if (row === undefined || row.state !== "active") return false;
  const now = ctx.clock.now();
  const movements = movementsOf(row.parts, (amount) => ({ heldDelta: -amount, usedDelta: 0 }));
  await post(tx, await lock(tx, movements), movements, { kind: reason, at: now, holdId });
  await settleHold(tx, holdId, reason === "expire" ? "expired" : "released", now);
  return true;
}

/** Gives back what placements have beyond what they keep; called only after the clouds have confirmed. */
export async function returnClaims(
  tx: Tx,
  ctx: LedgerContext,
  keep: ReadonlyMap<PlacementId, ResourceVector>,
): Promise<void> {
  const rows = await lockClaims(tx, [...keep.keys()]);
  const returned = rows.flatMap((row) => {
    const kept = keep.get(row.placementId)?.[row.resourceClass] ?? 0;
    if (kept >= row.amount) return [];
    const { resourceClass } = row;
    return [
      { row, kept, movement: { part: row, resourceClass, heldDelta: 0, usedDelta: kept - row.amount } },
    ];
  });
  const locked = await lock(
    tx,
    returned.map(({ movement }) => movement),
  );
  for (const { row, kept, movement } of returned) {
    const { tenancyId, placementId, resourceClass } = row;
    const posting = { kind: "return" as const, at: ctx.clock.now(), holdId: null, tenancyId, placementId };
    await post(tx, locked, [movement], posting);
    await setClaim(tx, placementId, resourceClass, kept);
  }
}

interface Locked {
  readonly nodes: Map<QuotaNodeId, LockedNode>;
  readonly inventories: Map<string, LockedInventory>;
}

interface Posting {
  readonly kind: LedgerRow["kind"];
  readonly at: Date;
  readonly holdId: HoldId | null;
  readonly tenancyId?: TenancyId;
  readonly placementId?: PlacementId;
}

function movementsOf(
  parts: readonly HeldPart[],
  deltas: (amount: number) => Pick<Movement, "heldDelta" | "usedDelta">,
): Movement[] {
  return parts.flatMap((part) =>
    entriesOf(part.amounts).map(([resourceClass, amount]) => ({ part, resourceClass, ...deltas(amount) })),
  );
}

async function lock(tx: Tx, movements: readonly Movement[]): Promise<Locked> {
  if (movements.length === 0) return { nodes: new Map(), inventories: new Map() };
  const classes = RESOURCE_CLASSES.filter((name) => movements.some((one) => one.resourceClass === name));
  const nodes = await lockNodes(tx, unique(movements.map((one) => one.part.quotaNodeId)), classes);
  const inventories = await lockInventories(tx, unique(movements.map((one) => one.part.poolId)), classes);
  return { nodes, inventories };
}

/** Walks the movements one after the other, so that parts which share a node or a pool are added up. */
function refusalOf(locked: Locked, movements: readonly Movement[]): HoldRefusal | null {
  const usage = new Map<string, number>();
  const taken = new Map<string, number>();
  for (const { part, resourceClass, heldDelta } of movements) {
    const chain = withUsage(chainAt(locked.nodes, part.quotaNodeId), changesOf(usage, resourceClass));
    const shortfall = firstShortfall(chain, { [resourceClass]: heldDelta });
    if (shortfall !== null) {
      const { level, nodeId, dimension, limit, used, missing } = shortfall;
      return {
        code: "quota.exceeded",
        level,
        nodeId,
        poolId: null,
        dimension,
        limit,
        used,
        held: 0,
        missing,
      };
    }
    for (const change of addUsage(chain, resourceClass, heldDelta)) {
      usage.set(`${change.nodeId}|${resourceClass}`, change.usage);
    }
    const key = inventoryKey(part.poolId, resourceClass);
    const inventory = locked.inventories.get(key);
    const wanted = (taken.get(key) ?? 0) + heldDelta;
    taken.set(key, wanted);
    const free = inventory ? inventory.capacity - inventory.used - inventory.held : 0;
    if (wanted > free) return shortOfCapacity(part.poolId, resourceClass, inventory, wanted - free);
  }
  return null;
}

function shortOfCapacity(
  poolId: HeldPart["poolId"],
  dimension: ResourceClass,
  inventory: LockedInventory | undefined,
  missing: number,
): HoldRefusal {
  const { capacity = 0, used = 0, held = 0 } = inventory ?? {};
  return {
    code: "capacity.exceeded",
    level: "pool",
    nodeId: null,
    poolId,
    dimension,
    limit: capacity,
    used,
    held,
    missing,
  };
}

function changesOf(usage: ReadonlyMap<string, number>, resourceClass: ResourceClass) {
  return [...usage]
    .map(([key, value]) => ({ key: key.split("|"), value }))
    .filter(({ key }) => key[1] === resourceClass)
    .map(({ key, value }) => ({ nodeId: key[0] as QuotaNodeId, resourceClass, delta: 0, usage: value }));
}

/** Writes counters and ledger rows of movements that were found to fit. */
async function post(tx: Tx, locked: Locked, movements: readonly Movement[], posting: Posting): Promise<void> {
  const rows: LedgerRow[] = [];
  for (const { part, resourceClass, heldDelta, usedDelta } of movements) {
    const { cloudId, poolId, quotaNodeId } = part;
    await addOwn(tx, quotaNodeId, resourceClass, heldDelta, usedDelta);
    for (const change of addUsage(chainAt(locked.nodes, quotaNodeId), resourceClass, heldDelta + usedDelta)) {
      await saveUsage(tx, change.nodeId, resourceClass, change.usage);
      const figures = locked.nodes.get(change.nodeId)?.figures;
      const before = figures?.[resourceClass];
      if (figures && before) figures[resourceClass] = { ...before, usage: change.usage };
    }
    const inventory = locked.inventories.get(inventoryKey(poolId, resourceClass));
    if (inventory === undefined) throw fault("capacity.exceeded", { poolId, dimension: resourceClass });
    inventory.held += heldDelta;
    inventory.used += usedDelta;
    await saveInventory(tx, inventory);
    rows.push({ ...posting, cloudId, poolId, quotaNodeId, resourceClass, heldDelta, usedDelta });
  }
  await appendEntries(tx, rows);
}

function chainAt(nodes: ReadonlyMap<QuotaNodeId, LockedNode>, nodeId: QuotaNodeId): QuotaChain {
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

/** A hold whose time is over counts as expired, also before somebody has taken it away. */
async function activeHold(tx: Tx, holdId: HoldId, now: Date): Promise<HoldRow> {
  const row = await lockHold(tx, holdId);
  if (row === undefined || row.state !== "active" || row.expiresAt <= now) {
    throw fault("hold.expired", { holdId });
  }
  return row;
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
