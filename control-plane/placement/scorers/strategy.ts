import type { Part } from "../demand.ts";
import { capacityIn, inventoryOf } from "../inventory.ts";
import type { Preferences } from "../preferences.ts";
import type { SnapshotPool } from "../snapshot.ts";

/** Utilisation of the fullest class that the part needs, with the part in place; whole per cent, 0 to 100. */
function utilisationPercent(part: Part, pool: SnapshotPool): number {
  let highest = 0;
  for (const [resourceClass, needed] of part.growthEntries) {
    const inventory = inventoryOf(pool, resourceClass);
    const capacity = capacityIn(inventory);
    const taken = inventory.used + inventory.held + needed;
    highest = Math.max(highest, capacity <= 0 ? 100 : Math.ceil((taken * 100) / capacity));
  }
  return Math.min(100, highest);
}

/** `spread` keeps every pool's head room, `pack` keeps pools free for large requests. */
export function strategy(wanted: Preferences["strategy"], part: Part, pool: SnapshotPool): number {
  const utilisation = utilisationPercent(part, pool);
  return wanted === "pack" ? utilisation : 100 - utilisation;
}
