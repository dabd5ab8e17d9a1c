import type { CommitmentId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceClass } from "../kernel/quantity.ts";
import { type DayRoom, tightest } from "./pool-calendar.ts";
import type { QuotaShortfall } from "./tree.ts";

/** Why a hold was not possible, in figures that a person can check: `used + held + requested - limit = missing`. */
export interface HoldRefusal {
  readonly code:
    | "quota.exceeded"
    | "quota.frozen"
    | "capacity.exceeded"
    | "capacity.frozen"
    | "capacity.promised";
  readonly level: string;
  readonly nodeId: QuotaNodeId | null;
  readonly poolId: PoolId | null;
  readonly dimension: ResourceClass;
  readonly limit: number;
  readonly used: number;
  readonly held: number;
  /** What the node uses above its own quota; a pool borrows from nobody. */
  readonly borrowed: number;
  readonly requested: number;
  readonly missing: number;
  /** The smallest change that fits here: asking for so much instead. */
  readonly fitting: number;
  /** The commitment in the way, and the day from which it is. */
  readonly commitmentId: CommitmentId | null;
  readonly from: string | null;
}

/** `held` is what of the node's usage is held; what is asked for once and is held since is told apart later. */
export function quotaRefusal(shortfall: QuotaShortfall): HoldRefusal {
  const { level, nodeId, dimension, limit, used, borrowed, requested, missing, available } = shortfall;
  return {
    code: shortfall.frozen ? "quota.frozen" : "quota.exceeded",
    level,
    nodeId,
    poolId: null,
    dimension,
    limit,
    used,
    held: 0,
    borrowed,
    requested,
    missing,
    fitting: available,
    commitmentId: null,
    from: null,
  };
}

/** A pool's figures of one class, under lock or in a picture of them. */
export interface PoolRoom {
  readonly capacity: number;
  readonly used: number;
  readonly held: number;
  readonly frozen: boolean;
  /** Today and the days on which promises begin; empty where nothing is promised: then only today counts. */
  readonly outlook: readonly DayRoom[];
}

export interface Asking {
  readonly poolId: PoolId;
  readonly dimension: ResourceClass;
  readonly requested: number;
  /** The days on which it will count, beginning with today. */
  readonly today: string;
  readonly until: string | null;
}

const NO_ROOM: PoolRoom = { capacity: 0, used: 0, held: 0, frozen: false, outlook: [] };

/** Null where the pool can give it, today and on every later day on which it will be there. */
export function capacityRefusal(room: PoolRoom = NO_ROOM, asking: Asking): HoldRefusal | null {
  const { capacity, used, held, frozen, outlook } = room;
  const { requested, today, until } = asking;
  const now = capacity - used - held;
  const tight = tightest(outlook, today, until);
  const free = tight === null ? now : Math.min(now, tight.free);
  if (requested <= 0 || (requested <= free && !frozen)) return null;
  if (!frozen && tight !== null && tight.commitmentId !== null && tight.free < now) {
    return promisedRefusal(room, asking, tight);
  }
  return {
    ...POOL,
    ...placeOf(asking),
    code: frozen ? "capacity.frozen" : "capacity.exceeded",
    limit: capacity,
    used,
    held,
    missing: frozen ? requested : requested - free,
    fitting: frozen ? 0 : Math.max(0, free),
  };
}

export interface Extension extends Omit<Asking, "today"> {
  /** The day from which it would have been gone; null where it is still there, though it should be gone. */
  readonly from: string | null;
}

/** The same for what is there already and wants to stay: null where no promise is in the way. */
export function extensionRefusal(room: PoolRoom, { from, ...asking }: Extension): HoldRefusal | null {
  const [first] = room.outlook;
  if (first === undefined) return null;
  // What stays on though its time is over counts on every day already.
  const more = from === null ? 0 : asking.requested;
  const tight = tightest(room.outlook, from ?? first.day, asking.until);
  if (tight === null || tight.commitmentId === null || more <= tight.free) return null;
  return promisedRefusal(room, { ...asking, today: first.day, requested: more }, tight);
}

function promisedRefusal({ capacity, held }: PoolRoom, asking: Asking, tight: DayRoom): HoldRefusal {
  return {
    ...POOL,
    ...placeOf(asking),
    code: "capacity.promised",
    // Of what is promised to others, this one has none.
    limit: capacity - tight.promised,
    used: Math.max(0, tight.used - held),
    held: Math.min(held, tight.used),
    missing: asking.requested - tight.free,
    fitting: Math.max(0, tight.free),
    commitmentId: tight.commitmentId,
    from: tight.day,
  };
}

const POOL = { level: "pool", nodeId: null, borrowed: 0, commitmentId: null, from: null } as const;

function placeOf({ poolId, dimension, requested }: Asking) {
  return { poolId, dimension, requested };
}
