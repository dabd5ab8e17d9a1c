import type { Part } from "../demand.ts";
import { capacityIn, inventoryOf } from "../inventory.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotPool } from "../snapshot.ts";

/** Figures add up: `used + held + needed - limit = missing`. */
export function capacity(part: Part, pool: SnapshotPool): readonly Refusal[] {
  let refusals: Refusal[] | null = null;
  for (const [dimension, needed] of part.growthEntries) {
    const inventory = inventoryOf(pool, dimension);
    const { used, held } = inventory;
    const limit = capacityIn(inventory);
    const missing = used + held + needed - limit;
    if (missing <= 0) continue;
    const message = {
      zh: `资源池“${pool.name.zh}”的 ${dimension} 缺 ${missing}：容量 ${limit}，已用 ${used}，预占 ${held}，需要 ${needed}`,
      en: `Pool ${pool.name.en} lacks ${missing} ${dimension}: capacity ${limit}, used ${used}, held ${held}, needed ${needed}`,
    };
    refusals ??= [];
    refusals.push(
      refusal({ cloudId: pool.cloudId, poolId: pool.id, role: part.role }, "capacity.insufficient", message, {
        dimension,
        limit,
        used,
        held,
        missing,
        required: needed,
      }),
    );
  }
  return refusals ?? NO_REFUSALS;
}
