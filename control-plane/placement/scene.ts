import type { CloudId } from "../kernel/ids.ts";
import type { RequestFacts } from "../policy/facts.ts";
import { type Demand, demandOf } from "./demand.ts";
import type { Judge, Verdict } from "./judge.ts";
import type { Preferences } from "./preferences.ts";
import { compareText } from "./refusal.ts";
import type { PlacementSnapshot, SnapshotCloud, SnapshotPool } from "./snapshot.ts";

/** The snapshot in one order, whatever order it came in; made once per decision. */
export interface SnapshotIndex {
  readonly snapshot: PlacementSnapshot;
  readonly clouds: readonly SnapshotCloud[];
  readonly pools: ReadonlyMap<CloudId, readonly SnapshotPool[]>;
}

export function indexOf(snapshot: PlacementSnapshot): SnapshotIndex {
  const pools = new Map<CloudId, SnapshotPool[]>();
  for (const pool of snapshot.pools) {
    const known = pools.get(pool.cloudId);
    if (known === undefined) pools.set(pool.cloudId, [pool]);
    else known.push(pool);
  }
  for (const list of pools.values()) list.sort((left, right) => compareText(left.id, right.id));
  return {
    snapshot,
    clouds: snapshot.clouds.toSorted((left, right) => compareText(left.id, right.id)),
    pools,
  };
}

const NO_POOLS: readonly SnapshotPool[] = [];

export function poolsIn(index: SnapshotIndex, cloud: SnapshotCloud): readonly SnapshotPool[] {
  return index.pools.get(cloud.id) ?? NO_POOLS;
}

/** One question to the search. */
export interface Scene<Of extends Verdict> {
  readonly index: SnapshotIndex;
  readonly request: RequestFacts;
  readonly demand: Demand;
  readonly judge: Judge<Of>;
  readonly preferences: Preferences;
  /** False where only candidates matter: then a pool is left at its first reason. */
  readonly explain: boolean;
}

/** The same question with other facts, asked only for whether and where it fits. */
export function supposing<Of extends Verdict>(scene: Scene<Of>, request: RequestFacts): Scene<Of> {
  return { ...scene, request, demand: demandOf(request), explain: false };
}
