import type { Tx } from "../../db/tx.ts";
import { chinaDate } from "../../kernel/calendar.ts";
import { excessOfPool } from "../../over-limits/excess.ts";
import { openCases } from "../../over-limits/store.ts";
import { inventoryKey } from "../inventory-key.ts";
import { loadCalendars } from "../promise-store.ts";
import { type CheckSettings, type Difference, type Findings, findingsOf } from "./invariant.ts";
import { boundStock } from "./promise-rows.ts";

/**
 * At every day at which demand can rise: claims, holds and promises together within the capacity, save where
 * that was lowered and somebody has chosen what is to happen. And the mark that tells holds of promises is right.
 */
export async function promisesWithoutRoom(
  tx: Tx,
  now: Date,
  { retentionDays }: CheckSettings,
): Promise<Findings> {
  const today = chinaDate(now);
  const stock = await boundStock(tx);
  const calendars = await loadCalendars(tx, stock, { today, retentionDays });
  const cases = await openCases(tx, { poolIds: [...new Set(stock.map(({ poolId }) => poolId))] });
  const differences = stock.flatMap((row): Difference[] => {
    const { poolId, resourceClass, promised } = row;
    const place = `${poolId} ${resourceClass}`;
    const calendar = calendars.get(inventoryKey(poolId, resourceClass)) ?? { occupancies: [], promises: [] };
    const excess = excessOfPool({ ...row, calendar }, today);
    const known =
      cases.find((one) => one.poolId === poolId && one.resourceClass === resourceClass)?.over ?? 0;
    const { limit, commitmentId, from, missing } = excess ?? NOTHING;
    return [
      ...(missing > known ? [{ place, figures: { limit, commitmentId, from, over: missing } }] : []),
      ...(promised === row.binds ? [] : [{ place, figures: { promised, commitmentsBind: row.binds } }]),
    ];
  });
  return findingsOf(differences);
}

const NOTHING = { limit: 0, commitmentId: null, from: null, missing: 0 } as const;
