import type { OrganizationId, TenancyId } from "../kernel/ids.ts";
import { assertExact } from "../kernel/quantity.ts";
import { nearestAbove, nearestBelow, type UnitRange } from "../placement/units.ts";

/** A tenancy that could give some of a class back. */
export interface Shrinkable {
  readonly tenancyId: TenancyId;
  readonly organizationId: OrganizationId;
  readonly amount: number;
  /** What its instances need: less of it would be another tenancy. */
  readonly least: number;
  /** What its pools can give. */
  readonly range: UnitRange;
}

export interface Reduction {
  readonly tenancyId: TenancyId;
  readonly organizationId: OrganizationId;
  readonly from: number;
  readonly to: number;
}

export interface Shrinkage {
  readonly reductions: readonly Reduction[];
  /** What no tenancy can give: it stays, and growth stays frozen. */
  readonly uncovered: number;
}

/** By how much the excess falls when tenancies give so much each; not simply the sum, since quota may lie between. */
export type Relief = (given: ReadonlyMap<TenancyId, number>) => number;

/**
 * Takes an excess away from those who have more than they need, each in proportion to how much more that is.
 * Equal questions get equal answers. Whoever's giving helps nobody keeps everything.
 */
export function shrinkageOf(
  excess: number,
  candidates: readonly Shrinkable[],
  relief: Relief,
  given: ReadonlyMap<TenancyId, number> = new Map(),
): Shrinkage {
  const order = candidates.toSorted(
    (left, right) => right.amount - left.amount || (left.tenancyId < right.tenancyId ? -1 : 1),
  );
  const target = new Map(order.map((one) => [one.tenancyId, one.amount - (given.get(one.tenancyId) ?? 0)]));
  const reductions = () =>
    new Map(order.map((one) => [one.tenancyId, one.amount - (target.get(one.tenancyId) ?? one.amount)]));
  const missing = () => excess - relief(reductions());

  for (let rest = missing(); rest > 0; ) {
    const able = order.filter((one) => helps(one, target, reductions(), relief));
    const spare = able.map((one) => spareOf(one, target));
    const total = spare.reduce((sum, value) => assertExact(sum + value), 0);
    if (total === 0) break;
    const wanted = Math.min(rest, total);
    for (const [index, one] of able.entries()) {
      if (missing() <= 0) break;
      const share = shareOf(spare[index] ?? 0, wanted, total);
      target.set(one.tenancyId, lowered(one, target, share));
    }
    rest = missing();
  }
  return {
    reductions: order.flatMap(({ tenancyId, organizationId, amount }) => {
      const to = target.get(tenancyId) ?? amount;
      return to < amount ? [{ tenancyId, organizationId, from: amount, to }] : [];
    }),
    uncovered: Math.max(0, missing()),
  };
}

function presentOf({ tenancyId, amount }: Shrinkable, target: ReadonlyMap<TenancyId, number>): number {
  return target.get(tenancyId) ?? amount;
}

/** The least that the tenancy may keep; null where its pools offer nothing that is enough. */
function lowest({ least, range }: Shrinkable): number | null {
  return nearestAbove(range, Math.max(1, least));
}

function spareOf(one: Shrinkable, target: ReadonlyMap<TenancyId, number>): number {
  const floor = lowest(one);
  return floor === null ? 0 : Math.max(0, presentOf(one, target) - floor);
}

/** At least 1, so that a round always moves; exact, since a product may pass 2^53. */
function shareOf(spare: number, wanted: number, total: number): number {
  return Math.max(1, Number((BigInt(spare) * BigInt(wanted)) / BigInt(total)));
}

/** The amount in step that gives up at least the share. */
function lowered(one: Shrinkable, target: ReadonlyMap<TenancyId, number>, share: number): number {
  const floor = lowest(one);
  const present = presentOf(one, target);
  if (floor === null) return present;
  return Math.max(floor, nearestBelow(one.range, present - share) ?? floor);
}

function helps(
  one: Shrinkable,
  target: ReadonlyMap<TenancyId, number>,
  given: ReadonlyMap<TenancyId, number>,
  relief: Relief,
): boolean {
  const spare = spareOf(one, target);
  if (spare === 0) return false;
  const more = new Map(given).set(one.tenancyId, (given.get(one.tenancyId) ?? 0) + spare);
  return relief(more) > relief(given);
}
