import { inventories } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { capacityOf } from "../kernel/quantity.ts";
import { inventoryKey } from "../quota/inventory-key.ts";
import { type CalendarSettings, loadCalendars } from "../quota/promise-store.ts";
import type { TakenStock } from "./shortage.ts";

/** Locks every inventory in the order of the ledger, and gives those of which something is taken or promised. */
export async function lockStock(tx: Tx, settings: CalendarSettings): Promise<TakenStock[]> {
  const rows = await tx
    .select()
    .from(inventories)
    .orderBy(inventories.poolId, inventories.resourceClass)
    .for("update");
  const calendars = await loadCalendars(
    tx,
    rows.filter(({ promised }) => promised),
    settings,
  );
  return rows
    .filter(({ used, held, promised }) => used + held > 0 || promised)
    .map(({ poolId, cloudId, resourceClass, total, reserved, allocationRatioMilli, used, held }) => {
      const capacity = capacityOf(total, reserved, allocationRatioMilli);
      const calendar = calendars.get(inventoryKey(poolId, resourceClass)) ?? NOTHING;
      return { poolId, cloudId, resourceClass, capacity, used, held, calendar };
    });
}

const NOTHING = { occupancies: [], promises: [] };
