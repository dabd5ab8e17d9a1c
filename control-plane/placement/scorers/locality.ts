import type { Tier } from "../preferences.ts";

/** 100 for the most preferred tier, 0 for the least and for one that is not named, evenly between. */
export function locality(order: readonly Tier[], tier: Tier): number {
  const index = order.indexOf(tier);
  if (index < 0) return 0;
  return order.length === 1 ? 100 : 100 - Math.floor((100 * index) / (order.length - 1));
}
