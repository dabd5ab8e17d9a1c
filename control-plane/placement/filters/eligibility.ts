import type { Text } from "../../kernel/text.ts";
import type { Part } from "../demand.ts";
import { sameCity, sameProvince } from "../geography.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { PlacementSnapshot, SnapshotCloud } from "../snapshot.ts";

const NOT_ELIGIBLE: Text = {
  zh: "该云不面向本单位：可用的是本市政务云、省级政务云和本行业的行业云",
  en: "This cloud does not serve the organization: open to it are its own city's cloud, the provincial cloud and the industry cloud of its sector",
};

/** True where an organization may have its systems on a cloud. */
function serves(snapshot: PlacementSnapshot, { facts }: SnapshotCloud): boolean {
  const { jurisdiction, sector } = snapshot.organization;
  if (facts.tier === "provincial") return true;
  if (facts.tier === "municipal") return sameCity(facts.jurisdiction, jurisdiction);
  return sector !== "" && facts.sector === sector;
}

export function eligibility(
  snapshot: PlacementSnapshot,
  { role }: Part,
  cloud: SnapshotCloud,
): readonly Refusal[] {
  if (serves(snapshot, cloud)) return NO_REFUSALS;
  const { jurisdiction, sector } = snapshot.organization;
  const { tier } = cloud.facts;
  return [
    refusal({ cloudId: cloud.id, poolId: null, role }, "cloud.not_eligible", NOT_ELIGIBLE, {
      actual: tier === "industry" ? cloud.facts.sector : cloud.facts.jurisdiction,
      required: tier === "industry" ? sector : jurisdiction,
    }),
  ];
}

/**
 * True where `cloud` may hold the copy of a primary on `home`. Beyond the clouds that serve the organization,
 * any municipal cloud of the place asked for may; where none is named, any of another city of the
 * organization's province. The choice of clouds in the request binds the primary only.
 */
export function mayHoldCopy(
  snapshot: PlacementSnapshot,
  { request }: Part,
  home: SnapshotCloud,
  cloud: SnapshotCloud,
): boolean {
  if (cloud.facts.tier !== "municipal" && !serves(snapshot, cloud)) return false;
  if (request.recovery.class === "same_city") {
    return cloud.id === home.id || sameCity(cloud.facts.jurisdiction, home.facts.jurisdiction);
  }
  if (cloud.id === home.id) return false;
  const { pairJurisdiction } = request.recovery;
  if (pairJurisdiction !== "") return sameCity(cloud.facts.jurisdiction, pairJurisdiction);
  const reachable =
    serves(snapshot, cloud) || sameProvince(cloud.facts.jurisdiction, snapshot.organization.jurisdiction);
  return reachable && !sameCity(cloud.facts.jurisdiction, home.facts.jurisdiction);
}
