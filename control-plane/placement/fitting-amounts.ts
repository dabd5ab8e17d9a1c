import { amountOf, entriesOf, type ResourceClass, type ResourceVector } from "../kernel/quantity.ts";
import type { RequestFacts } from "../policy/facts.ts";
import { available } from "../quota/tree.ts";
import type { AmountChange } from "./change.ts";
import type { Part } from "./demand.ts";
import { quota } from "./filters/quota.ts";
import { freeUntil, inventoryOf } from "./inventory.ts";
import type { SnapshotCloud, SnapshotPool } from "./snapshot.ts";
import { commonUnits, nearestAbove, nearestBelow, type UnitRange } from "./units.ts";

/** A part in the pool that it would have, or has. */
export interface Seat {
  readonly part: Part;
  readonly cloud: SnapshotCloud;
  readonly pool: SnapshotPool;
}

type Instance = RequestFacts["instances"][number];

/** What the asked instances need at least; fewer than that would be another request. */
export function instanceNeeds({ instances }: { readonly instances: readonly Instance[] }): ResourceVector {
  const sum = (each: (instance: Instance) => number) =>
    instances.reduce((total, instance) => total + instance.count * each(instance), 0);
  return {
    VCPU: sum(({ vcpu }) => vcpu),
    MEMORY_GIB: sum(({ memoryGiB }) => memoryGiB),
    BLOCK_STORAGE_GIB: sum(({ diskGiB }) => diskGiB),
  };
}

/** The seats that get a class, and what they have room for together. */
interface Row {
  readonly dimension: ResourceClass;
  readonly seats: readonly Seat[];
  readonly range: UnitRange;
  /** No seat's pool can give more. */
  readonly most: number;
}

function rowOf(seats: readonly Seat[], dimension: ResourceClass): Row {
  const taking = seats.filter(({ part }) => amountOf(part.amounts, dimension) > 0);
  let most = Number.MAX_SAFE_INTEGER;
  for (const { part, pool } of taking) {
    const room = Math.max(0, freeUntil(inventoryOf(pool, dimension), part.request.term.end));
    most = Math.min(most, amountOf(part.existing, dimension) + room);
  }
  const range = commonUnits(taking.map(({ pool }) => inventoryOf(pool, dimension)));
  return { dimension, seats: taking, range, most };
}

function withinQuota({ dimension, seats }: Row, amount: number): boolean {
  const needs = seats.map(({ part, cloud }) => {
    const needed = Math.max(0, amount - amountOf(part.existing, dimension));
    return { role: part.role, cloud, growth: { [dimension]: needed } };
  });
  return quota(needs).length === 0;
}

/** Quota is monotonic: what it gives, it also gives less of. */
function greatestWithinQuota(row: Row, highest: number): number | null {
  if (withinQuota(row, highest)) return highest;
  const [seat, ...others] = row.seats;
  if (seat !== undefined && others.length === 0) return greatestAlone(row, seat);
  const { first, step } = row.range;
  let fits = -1;
  let fails = (highest - first) / step;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (withinQuota(row, first + middle * step)) fits = middle;
    else fails = middle;
  }
  return fits < 0 ? null : first + fits * step;
}

/** A seat that shares its quota with no other may grow by just what is available to it. */
function greatestAlone({ dimension, range }: Row, { part, cloud }: Seat): number | null {
  const chain = cloud.quotaChain;
  const mayGrow = chain !== null && !chain.some(({ frozen }) => frozen?.includes(dimension));
  const growth = mayGrow ? Math.max(0, available(chain, dimension)) : 0;
  return nearestBelow(range, amountOf(part.existing, dimension) + growth);
}

/** The amount next to the asked one that pools and quota give: below it if at all possible. */
function fittingAmount(row: Row, asked: number, least: number): number | null {
  const below = nearestBelow(row.range, Math.min(asked, row.most));
  const lower = below === null ? null : greatestWithinQuota(row, below);
  if (lower !== null && lower >= least) return lower;
  const above = nearestAbove(row.range, asked);
  return above !== null && above <= row.most && withinQuota(row, above) ? above : null;
}

/**
 * The amounts to change so that the seats fit, nothing else being in the way; null where no amounts do.
 * A class is never dropped altogether. Classes do not influence each other, so each is settled alone.
 */
export function fittingAmounts(seats: readonly Seat[], request: RequestFacts): AmountChange[] | null {
  const needs = instanceNeeds(request);
  const changes: AmountChange[] = [];
  for (const [dimension, from] of entriesOf(request.resources)) {
    const row = rowOf(seats, dimension);
    if (row.seats.every(({ part }) => amountOf(part.existing, dimension) === from)) continue;
    const to = fittingAmount(row, from, amountOf(needs, dimension));
    if (to === null) return null;
    if (to !== from) changes.push({ kind: "amount", dimension, from, to });
  }
  return changes;
}

/** How much of what was asked the changes take away or add, in thousandths summed over the classes. */
export function costOf(changes: readonly AmountChange[]): number {
  return changes.reduce((sum, { from, to }) => sum + Math.ceil((Math.abs(from - to) * 1000) / from), 0);
}
