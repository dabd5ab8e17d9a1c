import type { Part } from "../demand.ts";
import { ZONE_NAMES } from "../labels.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotCloud, SnapshotPool } from "../snapshot.ts";

export function zone({ role, zone: required }: Part, pool: SnapshotPool): readonly Refusal[] {
  const actual = pool.facts.zone;
  if (actual === required) return NO_REFUSALS;
  const message = {
    zh: `资源池“${pool.name.zh}”在${ZONE_NAMES[actual].zh}，需要的是${ZONE_NAMES[required].zh}`,
    en: `Pool ${pool.name.en} is in zone ${ZONE_NAMES[actual].en}, needed is ${ZONE_NAMES[required].en}`,
  };
  return [
    refusal({ cloudId: pool.cloudId, poolId: pool.id, role }, "zone.unavailable", message, {
      actual,
      required,
    }),
  ];
}

/** The one refusal of a cloud that has no pool at all in the zone. */
export function zoneMissing({ role, zone: required }: Part, cloud: SnapshotCloud): Refusal {
  const message = {
    zh: `“${cloud.name.zh}”没有${ZONE_NAMES[required].zh}的资源池`,
    en: `${cloud.name.en} has no pool in zone ${ZONE_NAMES[required].en}`,
  };
  return refusal({ cloudId: cloud.id, poolId: null, role }, "zone.unavailable", message, { required });
}
