import type { RecoveryFacts } from "../policy/facts.ts";
import { type Candidate, type CandidatePart, compareCandidates } from "./candidate.ts";
import { cloudReasons } from "./cloud-reasons.ts";
import {
  type Companion,
  type Companions,
  type CompanionVerdicts,
  companionVerdicts,
  copiesOf,
  edgesFor,
  failsApart,
  NO_RECOVERY,
  unplaceable,
} from "./companions.ts";
import type { Part } from "./demand.ts";
import { eligibility } from "./filters/eligibility.ts";
import { fitOf, policy } from "./filters/policy.ts";
import { nodeOf, quota } from "./filters/quota.ts";
import { requestedClouds } from "./filters/requested-clouds.ts";
import { zoneMissing } from "./filters/zone.ts";
import type { Verdict } from "./judge.ts";
import { lacksCapacity, poolReasons } from "./pool-reasons.ts";
import { arranged, collapsed, type Refusal } from "./refusal.ts";
import { poolsIn, type Scene } from "./scene.ts";
import { scoresOf, totalOf } from "./scorers/score.ts";
import type { SnapshotCloud, SnapshotPool } from "./snapshot.ts";

export interface Found<Of extends Verdict> {
  /** Best first. */
  readonly candidates: readonly Candidate<Of>[];
  /** Every reason of every pool that is no candidate, with its own or its cloud's reasons. */
  readonly refusals: readonly Refusal[];
}

/**
 * Every way to place the request. A cloud that does not serve the organization or was not asked for gets
 * that one reason, and its pools are not looked at; of every other cloud all pools are.
 */
export function search<Of extends Verdict>(scene: Scene<Of>): Found<Of> {
  const candidates: Candidate<Of>[] = [];
  const refusals: Refusal[] = [];
  const { primary, recovery } = scene.demand;
  const copiesFor = recovery === null ? null : copiesOf(scene, recovery);
  for (const cloud of scene.index.clouds) {
    const barred = [...eligibility(scene.index.snapshot, primary, cloud), ...requestedClouds(primary, cloud)];
    refusals.push(...barred);
    if (barred.length > 0) continue;
    const found = searchCloud(scene, cloud, copiesFor?.(cloud) ?? null);
    candidates.push(...found.candidates);
    refusals.push(...found.refusals);
  }
  return {
    candidates: candidates.sort(compareCandidates),
    refusals: scene.explain ? arranged(refusals) : [],
  };
}

/** `null` stands for "no such part asked for", so that combining needs no special case. */
function choicesOf(companions: Companions | null): readonly (Companion | null)[] {
  return companions === null ? [null] : companions.choices;
}

function searchCloud<Of extends Verdict>(
  scene: Scene<Of>,
  cloud: SnapshotCloud,
  copies: Companions | null,
): Found<Of> {
  const { demand, index, judge, explain } = scene;
  const { primary, edge, recovery } = demand;
  const pools = poolsIn(index, cloud);
  const hasZone = pools.some((pool) => pool.facts.zone === primary.zone);

  const own = [primary, edge].filter((part) => part !== null);
  const quotaReasons = quota(own.map(({ role, growth }) => ({ role, cloud, growth })));
  const reasonsHere = [...cloudReasons(primary, cloud), ...quotaReasons];
  if (!hasZone) reasonsHere.push(zoneMissing(primary, cloud));
  if (reasonsHere.length > 0 && !explain) return { candidates: [], refusals: [] };

  const edges = edge === null ? null : edgesFor(scene, edge, cloud);
  for (const [part, companions] of [[recovery, copies] as const, [edge, edges] as const]) {
    if (part === null || companions === null || companions.choices.length > 0) continue;
    reasonsHere.push(unplaceable(part, cloud), ...companions.refusals);
  }

  const verdicts = companionVerdicts(scene, cloud);
  const combiner = combinerOf(scene, cloud, copies, edges, verdicts);
  const candidates: Candidate<Of>[] = [];
  const poolRefusals: Refusal[] = [];
  for (const pool of pools) {
    let reasons = poolReasons(primary, pool, explain);
    // The cloud's own reason says it already for every one of its pools.
    if (!hasZone) reasons = reasons.filter(({ code }) => code !== "zone.unavailable");
    if (reasons.length === 0 && reasonsHere.length === 0) {
      const combined = combiner(pool);
      if (combined.candidate !== null) candidates.push(combined.candidate);
      poolRefusals.push(...combined.refusals);
    } else if (explain) {
      const copy = copies?.choices.find((choice) => failsApart(pool, choice.pool)) ?? null;
      const fit = fitOf(!lacksCapacity(reasons), quotaReasons.length === 0);
      const facts = verdicts.recoveryOf(copy);
      const judged = policy(judge, index.snapshot, primary, cloud, pool, facts, fit);
      poolRefusals.push(...reasons, ...judged.refusals);
    }
  }
  return { candidates, refusals: [...reasonsHere, ...collapsed(poolRefusals, pools.length)] };
}

interface Combined<Of extends Verdict> {
  readonly candidate: Candidate<Of> | null;
  readonly refusals: readonly Refusal[];
}

/**
 * Gives a primary's pool, which has no reason against it so far, the best edge and copy that go with it.
 * Of each cloud only the best copy is tried against the primary's policies: rules tell clouds apart by
 * distance, country and level, and two copies on one cloud by nothing.
 */
function combinerOf<Of extends Verdict>(
  scene: Scene<Of>,
  cloud: SnapshotCloud,
  copies: Companions | null,
  edges: Companions | null,
  verdicts: CompanionVerdicts<Of>,
): (pool: SnapshotPool) => Combined<Of> {
  const { demand, judge, index, explain } = scene;
  const fits = fitOf(true, true);

  return (pool) => {
    const refusals: Refusal[] = [];
    const tried = new Set<string>();
    let unjudged: RecoveryFacts | null = NO_RECOVERY;
    for (const copy of choicesOf(copies)) {
      if (copy !== null && (tried.has(copy.cloud.id) || !failsApart(pool, copy.pool))) continue;
      const facts = verdicts.recoveryOf(copy);
      if (unjudged === NO_RECOVERY) unjudged = facts;
      const copyParts: CandidatePart<Of>[] = [];
      if (copy !== null) {
        const short = verdicts.quotaOf(copy);
        if (short.length > 0) {
          tried.add(copy.cloud.id);
          refusals.push(...short, unplaceable(copy.part, cloud));
          continue;
        }
        const judged = verdicts.judged(copy, facts);
        if (judged.refusals.length > 0) {
          refusals.push(...judged.refusals, unplaceable(copy.part, cloud));
          continue;
        }
        tried.add(copy.cloud.id);
        copyParts.push(...placed(copy.part, copy.cloud, copy.pool, judged.verdict));
      }
      const edgeParts: CandidatePart<Of>[] = [];
      const edgeRefusals: Refusal[] = [];
      for (const edge of choicesOf(edges)) {
        if (edge === null || edgeParts.length > 0) break;
        const judged = verdicts.judged(edge, facts);
        if (judged.refusals.length > 0) edgeRefusals.push(...judged.refusals);
        else edgeParts.push(...placed(edge.part, cloud, edge.pool, judged.verdict));
      }
      if (demand.edge !== null && edgeParts.length === 0) {
        refusals.push(...edgeRefusals, unplaceable(demand.edge, cloud));
        continue;
      }
      unjudged = null;
      const judged = policy(judge, index.snapshot, demand.primary, cloud, pool, facts, fits);
      if (judged.refusals.length > 0) {
        refusals.push(...judged.refusals);
        continue;
      }
      const scores = scoresOf(scene.preferences, demand.primary, cloud, pool);
      const candidate: Candidate<Of> = {
        cloudId: cloud.id,
        parts: [...placed(demand.primary, cloud, pool, judged.verdict), ...edgeParts, ...copyParts],
        score: totalOf(scene.preferences, scores),
        scores,
        recovery: facts,
      };
      return { candidate, refusals: [] };
    }
    // Every copy there is lies in the primary's own fault domain.
    if (refusals.length === 0 && demand.recovery !== null) refusals.push(unplaceable(demand.recovery, cloud));
    // What stands against the primary itself is said as well, though a part beside it failed first.
    if (explain && unjudged !== null) {
      const judged = policy(judge, index.snapshot, demand.primary, cloud, pool, unjudged, fits);
      refusals.push(...judged.refusals);
    }
    return { candidate: null, refusals };
  };
}

function placed<Of extends Verdict>(
  { role, amounts }: Part,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
  verdict: Of,
): CandidatePart<Of>[] {
  // Without a chain the quota filter has refused, so that nothing is placed here.
  if (cloud.quotaChain === null) return [];
  return [
    { role, cloudId: cloud.id, poolId: pool.id, quotaNodeId: nodeOf(cloud.quotaChain), amounts, verdict },
  ];
}
