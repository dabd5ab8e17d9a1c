import type { Part } from "./demand.ts";
import { architecture } from "./filters/architecture.ts";
import { capacity, hasRoomToday } from "./filters/capacity.ts";
import { forbiddenTraits } from "./filters/forbidden-traits.ts";
import { poolStatus } from "./filters/pool-status.ts";
import { keepsUnits, units } from "./filters/units.ts";
import { zone } from "./filters/zone.ts";
import { NO_REFUSALS, type Refusal, type RefusalCode } from "./refusal.ts";
import type { SnapshotPool } from "./snapshot.ts";

/** Everything about a pool that can be told without the rest of the combination; policies come after. */
const POOL_FILTERS = [zone, poolStatus, architecture, forbiddenTraits, units, capacity];

/** Reasons that another amount would remove. */
const AMOUNT_CODES: ReadonlySet<RefusalCode> = new Set([
  "unit.below_min",
  "unit.above_max",
  "unit.out_of_step",
  "capacity.insufficient",
  "capacity.promised",
  "quota.exceeded",
]);

/** By the part of one request, which several steps of a decision ask about. */
const REASONS = new WeakMap<Part, Map<SnapshotPool, readonly Refusal[]>>();
const SHORT_CODES: ReadonlySet<RefusalCode> = new Set([
  "capacity.insufficient",
  "capacity.frozen",
  "capacity.promised",
]);

/** True where there is any reason against a pool, without wording it. */
export function isBarred(part: Part, pool: SnapshotPool): boolean {
  return (
    !keepsUnits(part, pool) ||
    !hasRoomToday(part, pool) ||
    POOL_FILTERS.some((filter) => filter(part, pool).length > 0)
  );
}

/** Every reason against a pool. */
export function poolReasons(part: Part, pool: SnapshotPool): readonly Refusal[] {
  const known = REASONS.get(part) ?? new Map<SnapshotPool, readonly Refusal[]>();
  if (known.size === 0) REASONS.set(part, known);
  const reasons = known.get(pool) ?? reasonsOf(part, pool);
  known.set(pool, reasons);
  return reasons;
}

function reasonsOf(part: Part, pool: SnapshotPool): readonly Refusal[] {
  let found: readonly Refusal[] = NO_REFUSALS;
  for (const filter of POOL_FILTERS) {
    const reasons = filter(part, pool);
    if (reasons.length === 0) continue;
    found = found.length === 0 ? reasons : [...found, ...reasons];
  }
  return found;
}

export function lacksCapacity(reasons: readonly Refusal[]): boolean {
  return reasons.some(({ code }) => SHORT_CODES.has(code));
}

/** True where nothing but amounts stands in the way. */
export function onlyAmounts(reasons: readonly Refusal[]): boolean {
  return reasons.every(({ code }) => AMOUNT_CODES.has(code));
}
