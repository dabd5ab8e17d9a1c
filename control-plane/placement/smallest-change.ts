import type { Text } from "../kernel/text.ts";
import type { RequestFacts } from "../policy/facts.ts";
import type { Candidate } from "./candidate.ts";
import { type AmountChange, applyOption, type ChangeOption, describeOptions } from "./change.ts";
import { cloudReasons } from "./cloud-reasons.ts";
import { type Companion, type Companions, copiesOf, edgesFor, failsApart } from "./companions.ts";
import { ZONES_INNERMOST_FIRST } from "./demand.ts";
import { eligibility } from "./filters/eligibility.ts";
import { requestedClouds } from "./filters/requested-clouds.ts";
import { costOf, fittingAmounts, type Seat } from "./fitting-amounts.ts";
import type { Verdict } from "./judge.ts";
import { onlyAmounts, poolReasons } from "./pool-reasons.ts";
import { compareText } from "./refusal.ts";
import { poolsIn, type Scene, supposing } from "./scene.ts";
import { findsPlace, search } from "./search.ts";
import type { SnapshotCloud } from "./snapshot.ts";

/** What to ask for instead; every option alone makes the request fit, the mildest kind first. */
export interface SmallestChange {
  readonly options: readonly ChangeOption[];
  readonly message: Text;
}

/** Proposals that policies refuse are rare, so the search for one that they accept is kept short. */
const PROPOSALS_TRIED = 5;
/** Edges and copies tried per primary: the ones that need least change by themselves. */
const COMPANIONS_TRIED = 2;

export function changeOf(options: readonly ChangeOption[]): SmallestChange | null {
  return options.length === 0 ? null : { options, message: describeOptions(options) };
}

/** Asks, for a request that fits nowhere, which change of one kind would do; each option was tried out. */
export function smallestChange<Of extends Verdict>(scene: Scene<Of>): SmallestChange | null {
  const options = [otherAmounts(scene), ...otherZones(scene), otherArchitecture(scene), otherCloud(scene)];
  return changeOf(options.filter((option) => option !== null));
}

function candidatesOf<Of extends Verdict>(scene: Scene<Of>, request: RequestFacts) {
  return search(supposing(scene, request)).candidates;
}

function helps<Of extends Verdict>(scene: Scene<Of>, option: ChangeOption): boolean {
  return findsPlace(supposing(scene, applyOption(scene.request, option)));
}

interface Proposal {
  readonly changes: readonly AmountChange[];
  readonly cost: number;
  readonly key: string;
}

function otherAmounts<Of extends Verdict>(scene: Scene<Of>): ChangeOption | null {
  const { recovery } = scene.demand;
  const copiesFor = recovery === null ? null : copiesOf(scene, recovery, onlyAmounts);
  const proposals = new Map<string, Proposal>();
  for (const cloud of scene.index.clouds) {
    for (const changes of amountsOn(scene, cloud, copiesFor)) {
      const key = changes.map(({ dimension, to }) => `${dimension}=${to}`).join();
      proposals.set(key, { changes, cost: costOf(changes), key });
    }
  }
  const cheapest = [...proposals.values()].sort(
    (left, right) => left.cost - right.cost || compareText(left.key, right.key),
  );
  const accepted = cheapest.slice(0, PROPOSALS_TRIED).find((proposal) => helps(scene, proposal));
  return accepted === undefined ? null : { changes: accepted.changes };
}

/** Every set of amounts that would fit one of the cloud's pools with its companions. */
function amountsOn<Of extends Verdict>(
  scene: Scene<Of>,
  cloud: SnapshotCloud,
  copiesFor: ReturnType<typeof copiesOf> | null,
): AmountChange[][] {
  const { demand, index, request } = scene;
  const { primary, edge } = demand;
  const barred =
    eligibility(index.snapshot, primary, cloud).length > 0 ||
    requestedClouds(primary, cloud).length > 0 ||
    cloudReasons(primary, cloud).length > 0 ||
    cloud.quotaChain === null;
  if (barred) return [];
  const copies = copiesFor?.(cloud) ?? null;
  const edges = edge === null ? null : edgesFor(scene, edge, cloud, onlyAmounts);
  const [rankedCopies, rankedEdges] = [ranked(copies, request), ranked(edges, request)];
  const found: AmountChange[][] = [];
  for (const pool of poolsIn(index, cloud)) {
    if (!onlyAmounts(poolReasons(primary, pool))) continue;
    const apart = rankedCopies.filter((seat) => seat === null || failsApart(pool, seat.pool));
    for (const copy of apart.slice(0, COMPANIONS_TRIED)) {
      for (const other of rankedEdges.slice(0, COMPANIONS_TRIED)) {
        const companions: (Companion | null)[] = [other, copy];
        const seats: Seat[] = [{ part: primary, cloud, pool }, ...companions.filter((seat) => seat !== null)];
        const changes = fittingAmounts(seats, request);
        // Amounts that fit as they are were refused for a reason that amounts do not remove.
        if (changes !== null && changes.length > 0) found.push(changes);
      }
    }
  }
  return found;
}

/** The companions that need least change first; `[null]` where the request has no such part. */
function ranked(companions: Companions | null, request: RequestFacts): readonly (Companion | null)[] {
  if (companions === null) return [null];
  const costs = companions.choices.flatMap((companion) => {
    const changes = fittingAmounts([companion], request);
    return changes === null ? [] : [{ companion, cost: costOf(changes) }];
  });
  return costs.sort((left, right) => left.cost - right.cost).map(({ companion }) => companion);
}

function otherZones<Of extends Verdict>(scene: Scene<Of>): ChangeOption[] {
  const from = scene.demand.primary.zone;
  return ZONES_INNERMOST_FIRST.filter((zone) => !scene.request.network.zones.includes(zone)).flatMap((to) => {
    const instead: ChangeOption = { changes: [{ kind: "zone", from, to }] };
    // What faces the internet may go there alone; nobody is advised to take all of the system along.
    const added: ChangeOption = { changes: [{ kind: "added_zone", to }] };
    if (to === "internet" && helps(scene, added)) return [added];
    return helps(scene, instead) ? [instead] : [];
  });
}

/** The first of the candidates' values that still fits when it is asked for by name. */
function firstThatHelps<Of extends Verdict>(
  scene: Scene<Of>,
  candidates: readonly Candidate<Of>[],
  optionOf: (candidate: Candidate<Of>) => ChangeOption | null,
): ChangeOption | null {
  const tried = new Set<string>();
  for (const candidate of candidates) {
    const option = optionOf(candidate);
    if (option === null || tried.has(JSON.stringify(option))) continue;
    if (helps(scene, option)) return option;
    tried.add(JSON.stringify(option));
  }
  return null;
}

function otherArchitecture<Of extends Verdict>(scene: Scene<Of>): ChangeOption | null {
  const { requirements } = scene.request;
  const from = requirements.architectures;
  if (from.length === 0) return null;
  const free = { ...scene.request, requirements: { ...requirements, architectures: [] } };
  return firstThatHelps(scene, candidatesOf(scene, free), ({ parts: [primary] }) => {
    const pool = primary && scene.index.pools.byId.get(primary.poolId);
    if (pool === undefined) return null;
    return { changes: [{ kind: "architecture", from, to: pool.facts.architecture }] };
  });
}

function otherCloud<Of extends Verdict>(scene: Scene<Of>): ChangeOption | null {
  const { requirements } = scene.request;
  const from = requirements.cloudIds;
  if (from.length === 0) return null;
  const free = { ...scene.request, requirements: { ...requirements, cloudIds: [] } };
  return firstThatHelps(scene, candidatesOf(scene, free), ({ cloudId }) => ({
    changes: [{ kind: "cloud", from, to: cloudId }],
  }));
}
