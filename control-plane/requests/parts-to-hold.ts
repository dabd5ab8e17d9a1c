import { growth, isEmpty, subtract } from "../kernel/quantity.ts";
import { countsUntil } from "../quota/counts-until.ts";
import type { HeldPart } from "../quota/held-part.ts";
import type { Plan } from "./plan.ts";

/** What a plan needs beyond what is claimed already, and until when: its term and the time to retire it. */
export function partsToHold(plan: Plan, retentionDays: number): HeldPart[] {
  const until = countsUntil(plan.term.end, retentionDays);
  return plan.parts.flatMap(({ role, cloudId, poolId, quotaNodeId, amounts, before }) => {
    const needed = growth(subtract(amounts, before));
    return isEmpty(needed) ? [] : [{ role, cloudId, poolId, quotaNodeId, amounts: needed, until }];
  });
}
