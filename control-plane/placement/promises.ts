import type { Tx } from "../db/tx.ts";
import type { CloudId, QuotaNodeId } from "../kernel/ids.ts";
import { amountOf, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import type { HeldPart } from "../quota/held-part.ts";
import { inventoryKey } from "../quota/inventory-key.ts";
import { outlookOf, type PoolCalendar, without } from "../quota/pool-calendar.ts";
import { type CalendarSettings, loadCalendars } from "../quota/promise-store.ts";
import { capacityIn } from "./inventory.ts";
import type { Inventories, SnapshotInventory, SnapshotPool } from "./snapshot.ts";

export type Calendars = ReadonlyMap<string, PoolCalendar>;

/** The calendars of everything that is promised in some pools; none, without a query, where nothing is. */
export async function calendarsOf(
  tx: Tx,
  pools: readonly SnapshotPool[],
  settings: CalendarSettings,
): Promise<Calendars> {
  const stock = pools.flatMap(({ id: poolId, inventories }) =>
    RESOURCE_CLASSES.filter((name) => inventories[name]?.promised).map((resourceClass) => ({
      poolId,
      resourceClass,
    })),
  );
  return loadCalendars(tx, stock, settings);
}

/** Adds to the pools of which something is promised what that leaves an organization, which has a node on each cloud. */
export function withPromises(
  pools: readonly SnapshotPool[],
  calendars: Calendars,
  nodes: ReadonlyMap<CloudId, QuotaNodeId>,
  ownHold: readonly HeldPart[],
  settings: CalendarSettings,
): readonly SnapshotPool[] {
  if (calendars.size === 0) return pools;
  return pools.map((pool) => {
    let inventories: Inventories = pool.inventories;
    for (const resourceClass of RESOURCE_CLASSES) {
      const inventory = pool.inventories[resourceClass];
      const calendar = calendars.get(inventoryKey(pool.id, resourceClass));
      if (inventory === undefined || calendar === undefined) continue;
      const rest = without(calendar, ownIn(pool, resourceClass, ownHold, settings.today));
      const asking = nodes.get(pool.cloudId) ?? null;
      const outlook = outlookOf(rest, capacityIn(inventory), asking, settings.today);
      const promised: SnapshotInventory = {
        ...inventory,
        promises: { outlook, retentionDays: settings.retentionDays },
      };
      inventories = { ...inventories, [resourceClass]: promised };
    }
    return inventories === pool.inventories ? pool : { ...pool, inventories };
  });
}

function ownIn(pool: SnapshotPool, resourceClass: ResourceClass, hold: readonly HeldPart[], today: string) {
  return hold
    .filter(({ poolId }) => poolId === pool.id)
    .map(({ quotaNodeId, amounts, until = null }) => ({
      nodeId: quotaNodeId,
      amount: amountOf(amounts, resourceClass),
      until: until !== null && until > today ? until : null,
    }));
}
