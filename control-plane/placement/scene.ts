import type { CloudId, PoolId } from "../kernel/ids.ts";
import type { RequestFacts } from "../policy/facts.ts";
import { type Demand, demandOf } from "./demand.ts";
import type { Judge, Verdict } from "./judge.ts";
import type { Preferences } from "./preferences.ts";
import { compareText } from "./refusal.ts";
import type { PlacementSnapshot, SnapshotCloud, SnapshotPool } from "./snapshot.ts";

/** Pools in one order, whatever order they came in. */
interface PoolIndex {
  readonly byCloud: ReadonlyMap<CloudId, readonly SnapshotPool[]>;
  readonly byId: ReadonlyMap<PoolId, SnapshotPool>;
}

/** The snapshot in one order. */
export interface SnapshotIndex {
  readonly snapshot: PlacementSnapshot;
  readonly clouds: readonly SnapshotCloud[];
  readonly pools: PoolIndex;
}

/** Pools are the same whoever asks, so several decisions may share one picture of them. */
const POOL_INDEXES = new WeakMap<readonly SnapshotPool[], PoolIndex>();

export function indexOf(snapshot: PlacementSnapshot): SnapshotIndex {
  return {
    snapshot,
    clouds: snapshot.clouds.toSorted((left, right) => compareText(left.id, right.id)),
    pools: poolIndexOf(snapshot),
  };
}

/** A pool that the snapshot is known to have. */
export function poolOf(snapshot: PlacementSnapshot, id: PoolId): SnapshotPool {
  const pool = poolIndexOf(snapshot).byId.get(id);
  if (pool === undefined) throw new Error(`the snapshot has no pool ${id}`);
  return pool;
}

function poolIndexOf({ pools }: PlacementSnapshot): PoolIndex {
  const known = POOL_INDEXES.get(pools) ?? newPoolIndex(pools);
  POOL_INDEXES.set(pools, known);
  return known;
}

function newPoolIndex(pools: readonly SnapshotPool[]): PoolIndex {
  const byCloud = new Map<CloudId, SnapshotPool[]>();
  for (const pool of pools.toSorted((left, right) => compareText(left.id, right.id))) {
    const known = byCloud.get(pool.cloudId);
    if (known === undefined) byCloud.set(pool.cloudId, [pool]);
    else known.push(pool);
  }
  return { byCloud, byId: new Map(pools.map((pool) => [pool.id, pool])) };
}

const NO_POOLS: readonly SnapshotPool[] = [];

export function poolsIn(index: SnapshotIndex, cloud: SnapshotCloud): readonly SnapshotPool[] {
  return index.pools.byCloud.get(cloud.id) ?? NO_POOLS;
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
  /** So many candidates will do; absent: all are looked for. */
  readonly enough?: number;
}

/** The same question with other facts, asked only for whether and where it fits. */
export function supposing<Of extends Verdict>(scene: Scene<Of>, request: RequestFacts): Scene<Of> {
  return { ...scene, request, demand: demandOf(request), explain: false };
}
