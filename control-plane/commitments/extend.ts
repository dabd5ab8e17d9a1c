import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import type { PoolId, QuotaNodeId } from "../kernel/ids.ts";
import { amountOf, entriesOf, RESOURCE_CLASSES, type ResourceVector } from "../kernel/quantity.ts";
import { countsUntil } from "../quota/counts-until.ts";
import { extensionRefusal } from "../quota/hold-refusal.ts";
import { inventoryKey } from "../quota/inventory-key.ts";
import { outlookOf } from "../quota/pool-calendar.ts";
import { lockRooms } from "../quota/store.ts";
import type { PromiseContext } from "./promise.ts";

interface Staying {
  readonly poolId: PoolId;
  readonly quotaNodeId: QuotaNodeId;
  readonly amounts: ResourceVector;
}

/**
 * A renewal takes nothing new and yet has to keep clear of what is promised from a day on. Asked under the
 * locks of the inventories, so that no promise is made meanwhile; `commitment.in_the_way` names it.
 */
export async function assertExtendable(
  tx: Tx,
  { clock, config }: PromiseContext,
  parts: readonly Staying[],
  term: { readonly end: string; readonly newEnd: string },
): Promise<void> {
  const today = chinaDate(clock.now());
  const retentionDays = config.RETENTION_DAYS;
  const pools = [...new Set(parts.map(({ poolId }) => poolId))];
  const classes = RESOURCE_CLASSES.filter((name) => parts.some(({ amounts }) => amountOf(amounts, name) > 0));
  if (classes.length === 0) return;
  const rooms = await lockRooms(tx, pools, classes, { today, retentionDays });
  const gone = countsUntil(term.end, retentionDays);
  for (const { poolId, quotaNodeId, amounts } of parts) {
    for (const [dimension, requested] of entriesOf(amounts)) {
      const room = rooms.get(inventoryKey(poolId, dimension));
      if (room === undefined || !room.promised) continue;
      const outlook = outlookOf(room.calendar, room.capacity, quotaNodeId, today);
      const from = gone <= today ? null : gone;
      const until = countsUntil(term.newEnd, retentionDays);
      const refusal = extensionRefusal({ ...room, outlook }, { poolId, dimension, requested, from, until });
      if (refusal !== null) throw fault("commitment.in_the_way", { ...refusal });
    }
  }
}
