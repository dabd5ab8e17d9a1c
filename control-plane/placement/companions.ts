import type { RecoveryFacts } from "../policy/facts.ts";
import { cloudReasons } from "./cloud-reasons.ts";
import type { Part } from "./demand.ts";
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
}

/** The pools that a part may use, best first, and why the others may not. */
export interface Companions {
  readonly choices: readonly Companion[];
  readonly refusals: readonly Refusal[];
}

/** Which reasons against a pool a search can live with. */
export type Acceptable = (reasons: readonly Refusal[]) => boolean;

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

/** What a part finds in one pool, whatever its home is. */
interface Option extends Companion {
  readonly reasons: readonly Refusal[];
  readonly rank: number;
}

/** The options of a part on one cloud; asked for again with every home that a copy is looked for. */
interface Options {
  readonly closed: readonly Refusal[];
  readonly options: readonly Option[];
}

function optionsOn({ index, preferences }: Scene<Verdict>, part: Part, cloud: SnapshotCloud): Options {
  const pools = poolsIn(index, cloud).filter((pool) => pool.facts.zone === part.zone);
  return {
    closed:
      pools.length === 0
        ? [...cloudReasons(part, cloud), zoneMissing(part, cloud)]
        : cloudReasons(part, cloud),
    options: pools.map((pool) => ({
      part,
      cloud,
      pool,
      reasons: poolReasons(part, pool),
      rank: strategy(preferences.strategy, part, pool),
    })),
  };
}

function compareOptions(left: Option, right: Option): number {
  return right.rank - left.rank || compareText(left.pool.id, right.pool.id);
}

const nothing: Acceptable = (reasons) => reasons.length === 0;

/** Where the copy of a primary may go, quota and policies not yet asked, by the cloud of the primary. */
export function copiesOf(scene: Scene<Verdict>, part: Part, acceptable = nothing) {
  const { clouds, snapshot } = scene.index;
  const all = clouds.map((cloud) => ({ cloud, ...optionsOn(scene, part, cloud) }));
  const open = all.filter(({ cloud }) => cloudReasons(part, cloud).length === 0);
  const ranked = open
    .flatMap(({ options }) => options.filter(({ reasons }) => acceptable(reasons)))
    .sort(compareOptions);
  return (home: SnapshotCloud): Companions => {
    const reachable = new Set(clouds.filter((cloud) => mayHoldCopy(snapshot, part, home, cloud)));
    return {
      choices: ranked.filter(({ cloud }) => reachable.has(cloud)),
      // Of use only where there is no choice at all.
      get refusals() {
        return all.flatMap(({ cloud, closed, options }) =>
          reachable.has(cloud) ? [...closed, ...options.flatMap(({ reasons }) => reasons)] : [],
        );
      },
    };
  };
}

/** The edge lies on the primary's own cloud. */
export function edgesFor(
  scene: Scene<Verdict>,
  part: Part,
  home: SnapshotCloud,
  acceptable = nothing,
): Companions {
  const { closed, options } = optionsOn(scene, part, home);
  const isOpen = cloudReasons(part, home).length === 0;
  return {
    choices: options.filter(({ reasons }) => isOpen && acceptable(reasons)).sort(compareOptions),
    refusals: [...closed, ...options.flatMap(({ reasons }) => reasons)],
  };
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
  /** What policies see of a copy: one object for each copy. */
  recoveryOf(copy: Companion | null): RecoveryFacts;
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
  const recoveries = new Map<string, RecoveryFacts>();
  return {
    recoveryOf(copy) {
      if (copy === null) return NO_RECOVERY;
      const facts = recoveries.get(copy.pool.id) ?? recoveryFactsOf(scene, home, copy.cloud, copy.pool);
      recoveries.set(copy.pool.id, facts);
      return facts;
    },
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
