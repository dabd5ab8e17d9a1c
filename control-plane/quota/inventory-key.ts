import type { PoolId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";

export function inventoryKey(poolId: PoolId, resourceClass: ResourceClass): string {
  return `${poolId}|${resourceClass}`;
}
