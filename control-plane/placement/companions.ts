import { cloudReasons } from "./cloud-reasons.ts";
import type { Part } from "./demand.ts";
import { mayHoldCopy } from "./filters/eligibility.ts";
import { zoneMissing } from "./filters/zone.ts";
import type { Verdict } from "./judge.ts";
import { poolReasons } from "./pool-reasons.ts";
import { compareText, type Refusal, refusal } from "./refusal.ts";
import { poolsIn, type Scene } from "./scene.ts";
import { strategy } from "./scorers/strategy.ts";
import type { SnapshotCloud, SnapshotPool } from "./snapshot.ts";

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
