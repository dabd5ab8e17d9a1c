import type { CommitmentId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import { idOf } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { bindingOn, outlookOf, type PoolCalendar, type Promised, tightest } from "../quota/pool-calendar.ts";

/** What somebody would like to be promised. */
export interface Wish {
  readonly quotaNodeId: QuotaNodeId;
  readonly amount: number;
  readonly start: string;
  readonly expiresAt: string;
}

/** Why it cannot be promised, in figures of the tightest day. */
export interface NoRoom {
  readonly level: "pool";
  readonly poolId: PoolId;
  readonly dimension: ResourceClass;
  readonly limit: number;
  readonly used: number;
  /** Already, beyond what is used of it. */
  readonly promised: number;
  readonly requested: number;
  readonly missing: number;
  /** So much could be promised. */
  readonly fitting: number;
  readonly from: string;
  /** The commitment that is most in the way; null where usage is. */
  readonly commitmentId: CommitmentId | null;
}

interface Stock {
  readonly poolId: PoolId;
  readonly resourceClass: ResourceClass;
  readonly capacity: number;
  readonly calendar: PoolCalendar;
}

const WISHED = idOf("cmt", "wished");

/** Null where it fits beside all that is claimed, held and promised, on every day on which it would bind. */
export function noRoomFor(stock: Stock, wish: Wish, today: string): NoRoom | null {
  const { poolId, resourceClass, capacity, calendar } = stock;
  const { quotaNodeId: nodeId, amount, start, expiresAt } = wish;
  const wished: Promised = { id: WISHED, nodeId, amount, start, expiresAt };
  const granted = { ...calendar, promises: [...calendar.promises, wished] };
  const from = start > today ? start : today;
  const tight = tightest(outlookOf(granted, capacity, null, today), from, expiresAt);
  if (tight === null || tight.free >= 0) return null;
  const others = { ...calendar, promises: [...calendar.promises, { ...wished, amount: 0 }] };
  const without = outlookOf(others, capacity, null, today).find(({ day }) => day === tight.day);
  return {
    level: "pool",
    poolId,
    dimension: resourceClass,
    limit: capacity,
    used: tight.used,
    promised: without?.promised ?? 0,
    requested: amount,
    missing: -tight.free,
    fitting: Math.max(0, amount + tight.free),
    from: tight.day,
    commitmentId: bindingOn(calendar, tight.day, null),
  };
}
