import { growth, isEmpty, subtract } from "../kernel/quantity.ts";
import type { HeldPart } from "../quota/held-part.ts";
import type { Plan } from "./plan.ts";

/** What a plan needs beyond what is claimed already. */
export function partsToHold(plan: Plan): HeldPart[] {
  return plan.parts.flatMap(({ role, cloudId, poolId, quotaNodeId, amounts, before }) => {
    const needed = growth(subtract(amounts, before));
    return isEmpty(needed) ? [] : [{ role, cloudId, poolId, quotaNodeId, amounts: needed }];
  });
}
