import type { RecoveryFacts } from "../policy/facts.ts";
import { distanceKm } from "./geography.ts";
import type { PlacementSnapshot, SnapshotCloud, SnapshotPool } from "./snapshot.ts";

/** Where there is no copy. */
export const NO_RECOVERY: RecoveryFacts = {
  cloudId: "",
  poolId: "",
  jurisdiction: "",
  country: "",
  distanceKm: 0,
  mlpsLevel: 0,
};

/** What policies may know of a copy in `pool` of a primary on `home`. */
export function recoveryFactsOf(
  snapshot: PlacementSnapshot,
  home: SnapshotCloud,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
): RecoveryFacts {
  const { jurisdiction, country, mlpsLevel } = cloud.facts;
  const km = distanceKm(snapshot.jurisdictions, home.facts.jurisdiction, jurisdiction);
  return { cloudId: cloud.id, poolId: pool.id, jurisdiction, country, distanceKm: km, mlpsLevel };
}
