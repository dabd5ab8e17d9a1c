import type { RecoveryFacts } from "../policy/facts.ts";
import type { Part } from "./demand.ts";
import { cloudStatus } from "./filters/cloud-status.ts";
import { mayHoldCopy } from "./filters/eligibility.ts";
import { fitOf, type Judged, policy } from "./filters/policy.ts";
import { quota } from "./filters/quota.ts";
import { zoneMissing } from "./filters/zone.ts";
import { distanceKm } from "./geography.ts";
import type { Verdict } from "./judge.ts";
import { poolReasons } from "./pool-reasons.ts";
import { compareText, type Refusal, refusal } from "./refusal.ts";
import { poolsIn, type Scene } from "./scene.ts";
import { strategy } from "./scorers/strategy.ts";
import type { SnapshotCloud, SnapshotPool } from "./snapshot.ts";

export const NO_RECOVERY: RecoveryFacts = {
  cloudId: "",
  poolId: "",
  jurisdiction: "",
  country: "",
  distanceKm: 0,
  mlpsLevel: 0,
};

/** A pool that could take the edge or the copy beside a primary on some cloud. */
export interface Companion {
  readonly part: Part;
  readonly cloud: SnapshotCloud;
  readonly pool: SnapshotPool;
  /** What policies see of the copy; `NO_RECOVERY` for an edge. */
  readonly recovery: RecoveryFacts;
}

/** The pools that a part may use, best first, and why the others may not. */
export interface Companions {
  readonly choices: readonly Companion[];
  readonly refusals: readonly Refusal[];
}

export function recoveryFactsOf(
  { index: { snapshot } }: Pick<Scene<Verdict>, "index">,
  home: SnapshotCloud,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
): RecoveryFacts {
  const { jurisdiction, country, mlpsLevel } = cloud.facts;
  return {
    cloudId: cloud.id,
    poolId: pool.id,
    jurisdiction,
    country,
    distanceKm: distanceKm(snapshot.jurisdictions, home.facts.jurisdiction, jurisdiction),
    mlpsLevel,
  };
}

/** Two pools fail apart on two clouds, or in two fault domains that are both known. */
export function failsApart(left: SnapshotPool, right: SnapshotPool): boolean {
  if (left.cloudId !== right.cloudId) return true;
  return left.faultDomain !== "" && right.faultDomain !== "" && left.faultDomain !== right.faultDomain;
}

function gather(
  scene: Scene<Verdict>,
  part: Part,
  home: SnapshotCloud,
  clouds: readonly SnapshotCloud[],
  acceptable: (reasons: readonly Refusal[]) => boolean,
): Companions {
  const found: { companion: Companion; rank: number }[] = [];
  const refusals: Refusal[] = [];
  for (const cloud of clouds) {
    const closed = cloudStatus(part, cloud);
    const pools = poolsIn(scene.index, cloud).filter((pool) => pool.facts.zone === part.zone);
    refusals.push(...closed);
    if (pools.length === 0) refusals.push(zoneMissing(part, cloud));
    for (const pool of pools) {
      const reasons = poolReasons(part, pool);
      refusals.push(...reasons);
      if (closed.length > 0 || !acceptable(reasons)) continue;
      const recovery = part.role === "recovery" ? recoveryFactsOf(scene, home, cloud, pool) : NO_RECOVERY;
      const rank = strategy(scene.preferences.strategy, part, pool);
      found.push({ companion: { part, cloud, pool, recovery }, rank });
    }
  }
  found.sort(
    (left, right) => right.rank - left.rank || compareText(left.companion.pool.id, right.companion.pool.id),
  );
  return { choices: found.map(({ companion }) => companion), refusals };
}

const nothing = (reasons: readonly Refusal[]) => reasons.length === 0;

/** Where the copy of a primary on `home` may go, quota and policies not yet asked. */
export function copiesFor(scene: Scene<Verdict>, part: Part, home: SnapshotCloud, acceptable = nothing) {
  const { clouds, snapshot } = scene.index;
  const reachable = clouds.filter((cloud) => mayHoldCopy(snapshot, part, home, cloud));
  return gather(scene, part, home, reachable, acceptable);
}

/** The edge lies on the primary's own cloud. */
export function edgesFor(scene: Scene<Verdict>, part: Part, home: SnapshotCloud, acceptable = nothing) {
  return gather(scene, part, home, [home], acceptable);
}

/** The one reason a cloud gets when a part beside its primaries has no place. */
export function unplaceable({ role }: Part, home: SnapshotCloud): Refusal {
  const place = { cloudId: home.id, poolId: null, role };
  if (role === "edge") {
    return refusal(place, "edge.unplaceable", {
      zh: `“${home.name.zh}”没有可用的互联网区资源池来承载公网出口`,
      en: `${home.name.en} has no internet-zone pool for the public addresses and bandwidth`,
    });
  }
  return refusal(place, "recovery.unplaceable", {
    zh: `系统部署在“${home.name.zh}”时，没有可用的位置存放灾备副本`,
    en: `With the system on ${home.name.en} there is no place for its recovery copy`,
  });
}

/** Asks about each companion once per decision, however many primaries it is tried with. */
export interface CompanionVerdicts<Of extends Verdict> {
  judged(companion: Companion, recovery: RecoveryFacts): Judged<Of>;
  /** Quota of the copy on top of what the home cloud takes. */
  quotaOf(companion: Companion): readonly Refusal[];
}

export function companionVerdicts<Of extends Verdict>(
  scene: Scene<Of>,
  home: SnapshotCloud,
): CompanionVerdicts<Of> {
  const { demand, judge, index } = scene;
  const verdicts = new Map<string, Judged<Of>>();
  const quotas = new Map<string, readonly Refusal[]>();
  return {
    judged({ part, cloud, pool }, recovery) {
      const key = `${pool.id}\u0000${recovery.poolId}`;
      const known = verdicts.get(key);
      if (known !== undefined) return known;
      const judged = policy(judge, index.snapshot, part, cloud, pool, recovery, fitOf(true, true));
      verdicts.set(key, judged);
      return judged;
    },
    quotaOf({ part, cloud }) {
      const known = quotas.get(cloud.id);
      if (known !== undefined) return known;
      const taken = [demand.primary, demand.edge]
        .filter((other) => other !== null)
        .map(({ role, growth }) => ({ role, cloud: home, growth }));
      const short = quota([...taken, { role: part.role, cloud, growth: part.growth }]);
      // The parts on the home cloud fit by themselves, so whatever lacks now is for the copy.
      const refusals = short.map((entry) => ({ ...entry, role: part.role }));
      quotas.set(cloud.id, refusals);
      return refusals;
    },
  };
}
