import type { QuotaNodeId, TenancyId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { instanceNeeds } from "../placement/fitting-amounts.ts";
import { commonUnits } from "../placement/units.ts";
import { addUsage, chainOf, figuresOf, type QuotaLink, withUsage } from "../quota/tree.ts";
import { type Excess, keyOf } from "./excess.ts";
import type { HoldingTenancy } from "./holder-rows.ts";
import { type Reduction, type Relief, type Shrinkable, shrinkageOf } from "./shrink.ts";

export interface ShrinkPlan {
  readonly dimension: ResourceClass;
  readonly reductions: readonly Reduction[];
  readonly uncovered: number;
}

/** The figures after the change, of every node that a shrinking tenancy counts at, and of those above. */
type Links = ReadonlyMap<QuotaNodeId, QuotaLink>;

/** One plan for each class; what helps a node helps those above it too, and is not asked for twice. */
export function shrinkPlans(
  excesses: readonly Excess[],
  shrinkable: ReadonlyMap<string, readonly HoldingTenancy[]>,
  links: Links,
): ShrinkPlan[] {
  const dimensions = [...new Set(excesses.map(({ dimension }) => dimension))];
  return dimensions.map((dimension) => {
    const known = new Map<TenancyId, Shrinkable>();
    const given = new Map<TenancyId, number>();
    const parts = new Map<TenancyId, HoldingTenancy["parts"]>();
    let uncovered = 0;
    for (const excess of excesses.filter((one) => one.dimension === dimension)) {
      const tenancies = shrinkable.get(keyOf(excess)) ?? [];
      for (const one of tenancies) {
        known.set(one.tenancyId, shrinkableOf(one, dimension));
        parts.set(one.tenancyId, one.parts);
      }
      const candidates = tenancies.flatMap(({ tenancyId }) => known.get(tenancyId) ?? []);
      const relief = excess.nodeId === null ? inPool(excess, parts) : atNode(excess, parts, links);
      const found = shrinkageOf(excess.missing, candidates, relief, given);
      for (const { tenancyId, from, to } of found.reductions) given.set(tenancyId, from - to);
      uncovered = Math.max(uncovered, found.uncovered);
    }
    const reductions = [...known.values()].flatMap(({ tenancyId, organizationId, amount }): Reduction[] => {
      const gives = given.get(tenancyId) ?? 0;
      return gives === 0 ? [] : [{ tenancyId, organizationId, from: amount, to: amount - gives }];
    });
    return { dimension, reductions, uncovered };
  });
}

function shrinkableOf(tenancy: HoldingTenancy, dimension: ResourceClass): Shrinkable {
  const { tenancyId, organizationId, amount, granted, parts } = tenancy;
  const least = instanceNeeds(granted)[dimension] ?? 0;
  return { tenancyId, organizationId, amount, least, range: commonUnits(parts) };
}

type Parts = ReadonlyMap<TenancyId, HoldingTenancy["parts"]>;

/** A tenancy with two parts in the pool gives twice. */
function inPool({ poolId }: Excess, parts: Parts): Relief {
  return (given) =>
    [...given].reduce((sum, [tenancyId, amount]) => {
      const there = (parts.get(tenancyId) ?? []).filter((part) => part.poolId === poolId);
      return sum + amount * there.length;
    }, 0);
}

/** Tried out on the tree: what a node between keeps to itself does not reach the one that is over. */
function atNode({ nodeId, dimension }: Excess, parts: Parts, links: Links): Relief {
  const usageAt = (tree: Links) => {
    const link = nodeId === null ? undefined : tree.get(nodeId);
    return link === undefined ? 0 : figuresOf(link, dimension).usage;
  };
  return (given) => {
    const tree = new Map(links);
    for (const [tenancyId, amount] of given) {
      for (const part of parts.get(tenancyId) ?? []) {
        if (amount === 0 || !tree.has(part.nodeId)) continue;
        const chain = chainOf(tree, part.nodeId);
        for (const link of withUsage(chain, addUsage(chain, dimension, -amount))) tree.set(link.id, link);
      }
    }
    return usageAt(links) - usageAt(tree);
  };
}
