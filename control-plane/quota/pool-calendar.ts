import type { CommitmentId, QuotaNodeId } from "../kernel/ids.ts";
import { assertExact } from "../kernel/quantity.ts";

/**
 * Who counts on a pool's capacity of one class, by day. Days are civil dates, and every interval is without
 * its last day. Usage only ever ends by itself, so that demand can rise on the first day of a promise alone.
 */
export interface PoolCalendar {
  readonly occupancies: readonly Occupancy[];
  readonly promises: readonly Promised[];
}

/** What is claimed or held for one node. */
export interface Occupancy {
  readonly nodeId: QuotaNodeId;
  readonly amount: number;
  /** The first day on which it no longer counts; null counts until it is given back. */
  readonly until: string | null;
}

/** A commitment that binds: capacity that only its node may draw from. */
export interface Promised {
  readonly id: CommitmentId;
  readonly nodeId: QuotaNodeId;
  readonly amount: number;
  readonly start: string;
  readonly expiresAt: string;
}

/** A pool on one day, as one node sees it. */
export interface DayRoom {
  readonly day: string;
  /** Claimed and held by anybody. */
  readonly used: number;
  /** Promised to other nodes beyond what they use themselves. */
  readonly promised: number;
  /** What the node could still get; negative where even what is there does not fit. */
  readonly free: number;
  /** The commitment that takes most of it away; null where usage alone does. */
  readonly commitmentId: CommitmentId | null;
}

interface Demand {
  readonly used: number;
  readonly promised: number;
}

function plus(left: number, right: number): number {
  return assertExact(left + right);
}

const inForce = (day: string) => (one: Promised) => one.start <= day && day < one.expiresAt;

function sumByNode(entries: readonly { readonly nodeId: QuotaNodeId; readonly amount: number }[]) {
  const sums = new Map<QuotaNodeId, number>();
  for (const { nodeId, amount } of entries) sums.set(nodeId, plus(sums.get(nodeId) ?? 0, amount));
  return sums;
}

/** A node's usage consumes what it was promised before it takes anything else; `asking` is not bound by its own. */
function demandOn({ occupancies, promises }: PoolCalendar, day: string, asking: QuotaNodeId | null): Demand {
  const used = sumByNode(occupancies.filter(({ until }) => until === null || day < until));
  const promised = sumByNode(promises.filter(inForce(day)));
  let unfilled = 0;
  for (const [nodeId, amount] of promised) {
    if (nodeId !== asking) unfilled = plus(unfilled, Math.max(0, amount - (used.get(nodeId) ?? 0)));
  }
  return { used: [...used.values()].reduce(plus, 0), promised: unfilled };
}

function risesOf({ promises }: PoolCalendar, today: string): string[] {
  const starts = promises.map(({ start }) => start).filter((day) => day > today);
  return [today, ...new Set(starts)].sort();
}

/** The commitment that most of what is promised on a day goes back to; its own node is not bound by it. */
export function bindingOn(
  { promises }: PoolCalendar,
  day: string,
  asking: QuotaNodeId | null,
): CommitmentId | null {
  const others = promises.filter(inForce(day)).filter(({ nodeId }) => nodeId !== asking);
  // Of several the one that has just begun, then the greatest, then by id: the same for everybody.
  const [first] = others.toSorted(
    (left, right) =>
      Number(right.start === day) - Number(left.start === day) ||
      right.amount - left.amount ||
      (left.id < right.id ? -1 : 1),
  );
  return first?.id ?? null;
}

/** What a node can get on every day from `today` on at which it may be less than before. */
export function outlookOf(
  calendar: PoolCalendar,
  capacity: number,
  asking: QuotaNodeId | null,
  today: string,
): DayRoom[] {
  return risesOf(calendar, today).map((day) => {
    const { used, promised } = demandOn(calendar, day, asking);
    const free = plus(plus(capacity, -used), -promised);
    return {
      day,
      used,
      promised,
      free,
      commitmentId: promised > 0 ? bindingOn(calendar, day, asking) : null,
    };
  });
}

/** The day with the least room from a day on and before another; the earliest of equal days. */
export function tightest(outlook: readonly DayRoom[], from: string, until: string | null): DayRoom | null {
  let found: DayRoom | null = null;
  for (const room of outlook) {
    if (room.day < from || (until !== null && room.day >= until)) continue;
    if (found === null || room.free < found.free) found = room;
  }
  return found;
}

/** The same calendar without what one tenancy or request counts in it already. */
export function without(calendar: PoolCalendar, own: readonly Occupancy[]): PoolCalendar {
  const rest = [...calendar.occupancies];
  for (const one of own) {
    const at = rest.findIndex(
      (other) => other.nodeId === one.nodeId && other.amount >= one.amount && other.until === one.until,
    );
    const found = rest[at];
    if (found === undefined) continue;
    rest.splice(at, 1, { ...found, amount: found.amount - one.amount });
  }
  return { ...calendar, occupancies: rest };
}
