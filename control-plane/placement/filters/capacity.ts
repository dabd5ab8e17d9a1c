import { amountOf, entriesOf, type ResourceClass } from "../../kernel/quantity.ts";
import type { Text } from "../../kernel/text.ts";
import { countsUntil } from "../../quota/counts-until.ts";
import { capacityRefusal, extensionRefusal, type HoldRefusal } from "../../quota/hold-refusal.ts";
import type { Part } from "../demand.ts";
import { freeIn, inventoryOf, roomIn } from "../inventory.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotPool } from "../snapshot.ts";

/** False where a class is short already today, whatever is promised from some day on; `capacity` words it. */
export function hasRoomToday(part: Part, pool: SnapshotPool): boolean {
  return part.growthEntries.every(([dimension, needed]) => needed <= freeIn(inventoryOf(pool, dimension)));
}

/** Figures add up: `used + held + needed - limit = missing`. */
export function capacity(part: Part, pool: SnapshotPool): readonly Refusal[] {
  let refusals: Refusal[] | null = null;
  for (const [dimension, needed] of part.growthEntries) {
    const inventory = inventoryOf(pool, dimension);
    // Nearly every pool ends here, so that nothing dearer comes before.
    if (needed <= freeIn(inventory) && !inventory.frozen && inventory.promises === undefined) continue;
    const found = shortOf(part, pool, dimension, needed);
    if (found === null) continue;
    refusals ??= [];
    refusals.push(insufficient(part, pool, found));
  }
  if (part.request.kind === "renew") return [...(refusals ?? []), ...stays(part, pool)];
  return refusals ?? NO_REFUSALS;
}

function shortOf(part: Part, pool: SnapshotPool, dimension: ResourceClass, requested: number) {
  const inventory = inventoryOf(pool, dimension);
  const { promises } = inventory;
  const today = promises?.outlook[0]?.day ?? "";
  const until = promises ? countsUntil(part.request.term.end, promises.retentionDays) : null;
  return capacityRefusal(roomIn(inventory), { poolId: pool.id, dimension, requested, today, until });
}

/** A renewal takes nothing new, but it must not stay where something is promised from a day on. */
function stays({ role, existing, request }: Part, pool: SnapshotPool): Refusal[] {
  return entriesOf(existing).flatMap(([dimension]) => {
    const inventory = inventoryOf(pool, dimension);
    const { promises } = inventory;
    if (promises === undefined) return [];
    const { start, end } = request.term;
    // The time that is added begins on the day after the term that there is now.
    const gone = countsUntil(start, promises.retentionDays - 1);
    const today = promises.outlook[0]?.day ?? "";
    const found = extensionRefusal(roomIn(inventory), {
      poolId: pool.id,
      dimension,
      requested: amountOf(existing, dimension),
      from: gone <= today ? null : gone,
      until: countsUntil(end, promises.retentionDays),
    });
    return found === null ? [] : [insufficient({ role }, pool, found)];
  });
}

const CODES = {
  "capacity.exceeded": "capacity.insufficient",
  "capacity.frozen": "capacity.frozen",
  "capacity.promised": "capacity.promised",
} as const;

function insufficient({ role }: Pick<Part, "role">, pool: SnapshotPool, found: HoldRefusal): Refusal {
  const { code, dimension, limit, used, held, borrowed, missing, fitting, commitmentId, from } = found;
  if (code === "quota.exceeded" || code === "quota.frozen") throw new Error("a pool refuses no quota");
  return refusal({ cloudId: pool.cloudId, poolId: pool.id, role }, CODES[code], messageOf(pool, found), {
    dimension,
    limit,
    used,
    held,
    borrowed,
    missing,
    fitting,
    commitmentId,
    from,
    required: found.requested,
  });
}

function messageOf({ name }: SnapshotPool, found: HoldRefusal): Text {
  const { dimension, limit, used, held, requested, missing } = found;
  if (found.code === "capacity.frozen") {
    return {
      zh: `资源池“${name.zh}”的 ${dimension} 超出下调后的容量 ${limit}（已用 ${used}，预占 ${held}），已冻结增长`,
      en: `Pool ${name.en} is over its lowered capacity of ${limit} ${dimension} (used ${used}, held ${held}): growth is frozen`,
    };
  }
  if (found.code === "capacity.promised") {
    return {
      zh: `资源池“${name.zh}”的 ${dimension} 自 ${found.from} 起缺 ${missing}：已承诺（${found.commitmentId}）`,
      en: `Pool ${name.en} lacks ${missing} ${dimension} from ${found.from} on: promised by ${found.commitmentId}`,
    };
  }
  return {
    zh: `资源池“${name.zh}”的 ${dimension} 缺 ${missing}：容量 ${limit}，已用 ${used}，预占 ${held}，需要 ${requested}`,
    en: `Pool ${name.en} lacks ${missing} ${dimension}: capacity ${limit}, used ${used}, held ${held}, needed ${requested}`,
  };
}
