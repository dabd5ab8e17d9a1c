import { type Candidate, compareCandidates } from "./candidate.ts";
import { cloudReasons } from "./cloud-reasons.ts";
import { combinerOf } from "./combine.ts";
import { type CompanionVerdicts, companionVerdicts } from "./companion-verdicts.ts";
import { type Companions, copiesOf, edgesFor, failsApart, unplaceable } from "./companions.ts";
import { eligibility } from "./filters/eligibility.ts";
import { fitOf, policy } from "./filters/policy.ts";
import { quota } from "./filters/quota.ts";
import { requestedClouds } from "./filters/requested-clouds.ts";
import { zoneMissing } from "./filters/zone.ts";
import type { Verdict } from "./judge.ts";
import { isBarred, lacksCapacity, poolReasons } from "./pool-reasons.ts";
import { arranged, collapsed, NO_REFUSALS, type Refusal } from "./refusal.ts";
import { poolsIn, type Scene } from "./scene.ts";
import type { SnapshotCloud } from "./snapshot.ts";

export interface Found<Of extends Verdict> {
  /** Best first. */
  readonly candidates: readonly Candidate<Of>[];
  /** Every reason of every pool that is no candidate, with its own or its cloud's reasons. */
  readonly refusals: readonly Refusal[];
}

/** True where there is any way to place the request; looks no further than the first. */
export function findsPlace<Of extends Verdict>(scene: Scene<Of>): boolean {
  return search({ ...scene, explain: false, enough: 1 }).candidates.length > 0;
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
  const verdicts = companionVerdicts(scene);
  const { enough = Number.POSITIVE_INFINITY } = scene;
  for (const cloud of scene.index.clouds) {
    const barred = [...eligibility(scene.index.snapshot, primary, cloud), ...requestedClouds(primary, cloud)];
    refusals.push(...barred);
    if (barred.length > 0) continue;
    const found = searchCloud(scene, cloud, copiesFor?.(cloud) ?? null, verdicts);
    candidates.push(...found.candidates);
    refusals.push(...found.refusals);
    if (candidates.length >= enough) break;
  }
  return {
    candidates: candidates.sort(compareCandidates),
    refusals: scene.explain ? arranged(refusals) : [],
  };
}

function searchCloud<Of extends Verdict>(
  scene: Scene<Of>,
  cloud: SnapshotCloud,
  copies: Companions | null,
  verdicts: CompanionVerdicts<Of>,
): Found<Of> {
  const { demand, index, judge, explain, enough = Number.POSITIVE_INFINITY } = scene;
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

  const combine = combinerOf(scene, cloud, copies, edges, verdicts);
  const candidates: Candidate<Of>[] = [];
  const poolRefusals: Refusal[] = [];
  for (const pool of pools) {
    if (!explain && isBarred(primary, pool)) continue;
    let reasons = explain ? poolReasons(primary, pool) : NO_REFUSALS;
    // The cloud's own reason says it already for every one of its pools.
    if (!hasZone) reasons = reasons.filter(({ code }) => code !== "zone.unavailable");
    if (reasons.length === 0 && reasonsHere.length === 0) {
      const combined = combine(pool);
      if (combined.candidate !== null) candidates.push(combined.candidate);
      poolRefusals.push(...combined.refusals);
      if (candidates.length >= enough) break;
    } else if (explain) {
      const copy = copies?.choices.find((choice) => failsApart(pool, choice.pool)) ?? null;
      const fit = fitOf(!lacksCapacity(reasons), quotaReasons.length === 0);
      const facts = verdicts.recoveryOf(cloud, copy);
      const judged = policy(judge, index.snapshot, primary, cloud, pool, facts, fit);
      poolRefusals.push(...reasons, ...judged.refusals);
    }
  }
  return { candidates, refusals: [...reasonsHere, ...collapsed(poolRefusals, pools.length)] };
}
