import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { PoolId } from "../kernel/ids.ts";
import { capacityOf, type ResourceVector } from "../kernel/quantity.ts";
import { openCases } from "../over-limits/store.ts";
import { inventoryKey } from "../quota/inventory-key.ts";
import { outlookOf } from "../quota/pool-calendar.ts";
import { loadCalendars } from "../quota/promise-store.ts";
import { type InventoryRow, inventoriesOf, type PoolRow } from "./rows.ts";
import { type Pool, poolOf } from "./wire.ts";

type ShowContext = Pick<Ctx, "clock" | "config">;

/** Pools as people see them: what they have, what of it is taken or promised, and where they are over. */
export async function showPools(
  tx: Tx,
  ctx: ShowContext,
  rows: readonly PoolRow[],
  instead?: InventoryRow,
): Promise<Map<PoolId, Pool>> {
  const ids = rows.map(({ pool }) => pool.id);
  const inventories = await inventoriesOf(tx, ids);
  const cases = await openCases(tx, { poolIds: ids });
  const promised = await promisedToday(tx, ctx, [...inventories.values()].flat());
  return new Map(
    rows.map((row) => {
      const { id } = row.pool;
      const beside = {
        inventories: (inventories.get(id) ?? []).map((stock) => (isSame(stock, instead) ? instead : stock)),
        cases: cases.filter(({ poolId }) => poolId === id),
        promised: promised.get(id) ?? {},
      };
      return [id, poolOf(row, beside)];
    }),
  );
}

/** `instead`: an inventory as it would be. */
export async function showPool(
  tx: Tx,
  ctx: ShowContext,
  row: PoolRow,
  instead?: InventoryRow,
): Promise<Pool> {
  const shown = (await showPools(tx, ctx, [row], instead)).get(row.pool.id);
  if (shown === undefined) throw new Error("a pool that was read is shown");
  return shown;
}

function isSame(stock: InventoryRow, other: InventoryRow | undefined): other is InventoryRow {
  return stock.poolId === other?.poolId && stock.resourceClass === other.resourceClass;
}

async function promisedToday(
  tx: Tx,
  { clock, config }: ShowContext,
  rows: readonly InventoryRow[],
): Promise<Map<PoolId, ResourceVector>> {
  const today = chinaDate(clock.now());
  const settings = { today, retentionDays: config.RETENTION_DAYS };
  const bound = rows.filter((row) => row.promised);
  const calendars = await loadCalendars(tx, bound, settings);
  const promised = new Map<PoolId, ResourceVector>();
  for (const { poolId, resourceClass, total, reserved, allocationRatioMilli } of bound) {
    const calendar = calendars.get(inventoryKey(poolId, resourceClass));
    if (calendar === undefined) continue;
    const capacity = capacityOf(total, reserved, allocationRatioMilli);
    const unfilled = outlookOf(calendar, capacity, null, today)[0]?.promised ?? 0;
    const known = Object.entries(promised.get(poolId) ?? {});
    promised.set(poolId, Object.fromEntries([...known, [resourceClass, unfilled]]));
  }
  return promised;
}
