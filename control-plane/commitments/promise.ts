import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { PoolId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { bindsAnything } from "../quota/promise-store.ts";
import { lockRoom } from "../quota/store.ts";
import { type NoRoom, noRoomFor, type Wish } from "./room.ts";
import { type CommitmentRow, markPromised } from "./store.ts";

export type PromiseContext = Pick<Ctx, "clock" | "config">;

interface Wished extends Wish {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
}

/** Looks under the lock of the inventory, which the transaction keeps: nobody takes meanwhile what is found free. */
export async function findRoom(tx: Tx, ctx: PromiseContext, wish: Wished): Promise<NoRoom | null> {
  const today = chinaDate(ctx.clock.now());
  const { poolId, resourceClass } = wish;
  const settings = { today, retentionDays: ctx.config.RETENTION_DAYS };
  const room = await lockRoom(tx, poolId, resourceClass, settings);
  const nothing = { capacity: 0, calendar: { occupancies: [], promises: [] } };
  return noRoomFor({ ...(room ?? nothing), poolId, resourceClass }, wish, today);
}

/** In force from its first day on; before that it is guaranteed. */
export function boundStatus({ start }: Pick<CommitmentRow, "start">, today: string) {
  return start <= today ? ("confirmed" as const) : ("guaranteed" as const);
}

/** After a commitment has begun or ceased to bind; the inventory is locked. */
export async function remark(tx: Tx, row: Pick<CommitmentRow, "poolId" | "resourceClass">): Promise<void> {
  await markPromised(tx, row, await bindsAnything(tx, row));
}
