import { inventories } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { capacityOf } from "../kernel/quantity.ts";
import type { TakenStock } from "./shortage.ts";

/** Locks every inventory in the order of the ledger, and gives those of which something is taken. */
export async function lockStock(tx: Tx): Promise<TakenStock[]> {
  const rows = await tx
    .select()
    .from(inventories)
    .orderBy(inventories.poolId, inventories.resourceClass)
    .for("update");
  return rows
    .filter(({ used, held }) => used + held > 0)
    .map(({ poolId, resourceClass, total, reserved, allocationRatioMilli, used, held }) => {
      const capacity = capacityOf(total, reserved, allocationRatioMilli);
      return { poolId, resourceClass, capacity, used, held };
    });
}
