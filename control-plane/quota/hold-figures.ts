import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { Clock } from "../kernel/clock.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { assertCounted, type Book, chainAt, type Movement } from "./book.ts";
import { capacityRefusal, type HoldRefusal, type PoolRoom, quotaRefusal } from "./hold-refusal.ts";
import { inventoryKey } from "./inventory-key.ts";
import type { LockedInventory } from "./ledger-rows.ts";
import { outlookOf, type PoolCalendar } from "./pool-calendar.ts";
import { loadCalendars } from "./promise-store.ts";
import { addUsage, firstShortfall, withUsage } from "./tree.ts";

interface JudgingContext {
  readonly clock: Clock;
  readonly config: { readonly RETENTION_DAYS: number };
}

/** What wishes are judged by: the locked counters, and the calendars of what is promised, which follow every entry too. */
export interface Figures {
  readonly locked: Book;
  readonly calendars: Map<string, PoolCalendar>;
  readonly today: string;
}

/** Promises are looked up only where there are any: most pools have none, and every hold comes by here. */
export async function figuresOf(tx: Tx, { clock, config }: JudgingContext, locked: Book): Promise<Figures> {
  const today = chinaDate(clock.now());
  const stock = [...locked.inventories.values()].filter(({ promised }) => promised);
  const calendars = await loadCalendars(tx, stock, { today, retentionDays: config.RETENTION_DAYS });
  return { locked, calendars, today };
}

/** Walks the movements one after the other, so that parts which share a node or a pool are added up. */
export function refusalOf(
  { locked, calendars, today }: Figures,
  movements: readonly Movement[],
): HoldRefusal | null {
  const usage = new Map<string, number>();
  const taken = new Map<string, number>();
  for (const { part, resourceClass, heldDelta } of movements) {
    const chain = withUsage(chainAt(locked, part.quotaNodeId), changesOf(usage, resourceClass));
    const shortfall = firstShortfall(chain, { [resourceClass]: heldDelta });
    if (shortfall !== null) return quotaRefusal(shortfall);
    for (const change of addUsage(chain, resourceClass, heldDelta)) {
      assertCounted(locked, change);
      usage.set(`${change.nodeId}|${resourceClass}`, change.usage);
    }
    const { poolId, quotaNodeId: nodeId, until = null } = part;
    const key = inventoryKey(poolId, resourceClass);
    const requested = (taken.get(key) ?? 0) + heldDelta;
    taken.set(key, requested);
    const room = roomFor(nodeId, locked.inventories.get(key), calendars.get(key), today);
    const refusal = capacityRefusal(room, { poolId, dimension: resourceClass, requested, today, until });
    if (refusal !== null) return refusal;
  }
  return null;
}

function roomFor(
  nodeId: QuotaNodeId,
  row: LockedInventory | undefined,
  calendar: PoolCalendar | undefined,
  today: string,
): PoolRoom | undefined {
  if (row === undefined) return undefined;
  return { ...row, outlook: calendar ? outlookOf(calendar, row.capacity, nodeId, today) : [] };
}

/** What has just been granted counts for whoever is judged next. */
export function occupy({ calendars }: Figures, movements: readonly Movement[]): void {
  for (const { part, resourceClass, heldDelta: amount } of movements) {
    const { poolId, quotaNodeId: nodeId, until = null } = part;
    const key = inventoryKey(poolId, resourceClass);
    const calendar = calendars.get(key);
    if (calendar === undefined) continue;
    calendars.set(key, { ...calendar, occupancies: [...calendar.occupancies, { nodeId, amount, until }] });
  }
}

function changesOf(usage: ReadonlyMap<string, number>, resourceClass: ResourceClass) {
  return [...usage]
    .map(([key, value]) => ({ key: key.split("|"), value }))
    .filter(({ key }) => key[1] === resourceClass)
    .map(({ key, value }) => ({ nodeId: key[0] as QuotaNodeId, resourceClass, delta: 0, usage: value }));
}
