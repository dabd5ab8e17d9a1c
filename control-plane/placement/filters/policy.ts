import type { FitFacts, PartFacts, PlacementFacts, PoolFacts, RecoveryFacts } from "../../policy/facts.ts";
import type { Part, PartRole } from "../demand.ts";
import { reservePercent } from "../inventory.ts";
import type { Judge, Verdict } from "../judge.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { PlacementSnapshot, SnapshotCloud, SnapshotPool } from "../snapshot.ts";

/** Shared, so that a judge meets equal facts as one object. */
const FITS: readonly FitFacts[] = [
  { capacity: false, quota: false },
  { capacity: true, quota: false },
  { capacity: false, quota: true },
  { capacity: true, quota: true },
];

export function fitOf(capacity: boolean, quota: boolean): FitFacts {
  return FITS[(capacity ? 1 : 0) + (quota ? 2 : 0)] ?? { capacity, quota };
}

/** By reserve, which alone of the facts about a pool depends on what is asked. */
const POOL_FACTS = new WeakMap<SnapshotPool["facts"], Map<number, PoolFacts>>();

/** The facts about a pool as they are for one part; equal ones are one object, so that a judge knows them again. */
function poolFactsOf(pool: SnapshotPool, part: Part): PoolFacts {
  const { facts } = pool;
  const reserved = reservePercent(pool, part.amounts);
  const known = POOL_FACTS.get(facts) ?? new Map<number, PoolFacts>();
  POOL_FACTS.set(facts, known);
  const made = known.get(reserved) ?? withReserve(facts, reserved);
  known.set(reserved, made);
  return made;
}

/** Spelled out, since a spread is several times slower. */
function withReserve(facts: SnapshotPool["facts"], reservePercent: number): PoolFacts {
  return {
    id: facts.id,
    zone: facts.zone,
    architecture: facts.architecture,
    xinchuang: facts.xinchuang,
    mlpsLevel: facts.mlpsLevel,
    dedicated: facts.dedicated,
    tenantIsolation: facts.tenantIsolation,
    encryption: facts.encryption,
    faultDomains: facts.faultDomains,
    traits: facts.traits,
    reservePercent,
  };
}

const PART_FACTS: Readonly<Record<PartRole, PartFacts>> = {
  primary: { role: "primary" },
  edge: { role: "edge" },
  recovery: { role: "recovery" },
};

export interface Judged<Of extends Verdict> {
  readonly verdict: Of;
  readonly refusals: readonly Refusal[];
}

/** What the policies see of a part in a pool. */
export function placementFacts(
  { today, organization }: PlacementSnapshot,
  part: Part,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
  recovery: RecoveryFacts,
  fit: FitFacts,
): PlacementFacts {
  return {
    today,
    request: part.request,
    organization,
    cloud: cloud.facts,
    pool: poolFactsOf(pool, part),
    recovery,
    part: PART_FACTS[part.role],
    fit,
  };
}

/** Asks the policies about a part in a pool. */
export function policy<Of extends Verdict>(
  judge: Judge<Of>,
  snapshot: PlacementSnapshot,
  part: Part,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
  recovery: RecoveryFacts,
  fit: FitFacts,
): Judged<Of> {
  const verdict = judge(placementFacts(snapshot, part, cloud, pool, recovery, fit), part.role);
  if (verdict.denied.length === 0) return { verdict, refusals: NO_REFUSALS };
  const place = { cloudId: cloud.id, poolId: pool.id, role: part.role };
  const refusals = verdict.denied.map(({ policyId, ruleId, message, actual, required }) =>
    refusal(place, "policy.denied", message, { policyId, ruleId, actual, required }),
  );
  return { verdict, refusals };
}
