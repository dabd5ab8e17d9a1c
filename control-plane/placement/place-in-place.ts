import type { CloudId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import { isEmpty, type ResourceVector } from "../kernel/quantity.ts";
import type { RequestFacts } from "../policy/facts.ts";
import type { Candidate, CandidatePart } from "./candidate.ts";
import { applyOption } from "./change.ts";
import { demandOf, onTopOf, type Part, type PartRole, partsOf } from "./demand.ts";
import { capability } from "./filters/capability.ts";
import { capacity } from "./filters/capacity.ts";
import { cloudStatus } from "./filters/cloud-status.ts";
import { fitOf, policy } from "./filters/policy.ts";
import { poolStatus } from "./filters/pool-status.ts";
import { quota } from "./filters/quota.ts";
import { units } from "./filters/units.ts";
import { fittingAmounts, type Seat } from "./fitting-amounts.ts";
import type { Judge, Verdict } from "./judge.ts";
import type { PlacementResult } from "./place.ts";
import { onlyAmounts } from "./pool-reasons.ts";
import type { Preferences } from "./preferences.ts";
import { NO_RECOVERY, recoveryFactsOf } from "./recovery-facts.ts";
import { arranged, type Refusal, refusal } from "./refusal.ts";
import { indexOf, type SnapshotIndex } from "./scene.ts";
import { scoresOf, totalOf } from "./scorers/score.ts";
import { changeOf, type SmallestChange } from "./smallest-change.ts";
import type { PlacementSnapshot } from "./snapshot.ts";

/** What a tenancy has now. */
export interface ExistingPart {
  readonly role: PartRole;
  readonly cloudId: CloudId;
  readonly poolId: PoolId;
  readonly quotaNodeId: QuotaNodeId;
  readonly amounts: ResourceVector;
  /** The groups of instances that run in it; absent where it has none. */
  readonly instances?: RequestFacts["instances"];
}

interface OccupiedSeat extends Seat {
  readonly quotaNodeId: QuotaNodeId;
  readonly present: RequestFacts["instances"];
}

/**
 * The changed tenancy in the pools where it is. Only growth is checked, against what is free beside the
 * tenancy; what shrinks always fits and is not lent to what grows, since it is free only after execution.
 * Parts that the request no longer asks for are left out of the candidate. At most one candidate.
 */
export function placeInPlace<Of extends Verdict>(
  snapshot: PlacementSnapshot,
  request: RequestFacts,
  existing: readonly ExistingPart[],
  judge: Judge<Of>,
  preferences: Preferences,
): PlacementResult<Of> {
  const index = indexOf(snapshot);
  const { seats, refusals: unseated } = seat(index, request, existing);
  const found = assess(index, seats, judge, preferences);
  const refusals = [...unseated, ...found.refusals];
  if (refusals.length === 0 && found.candidate !== null) {
    return { candidates: [found.candidate], refusals, smallestChange: null };
  }
  const fits = (other: RequestFacts) =>
    assess(index, seat(index, other, existing).seats, judge, preferences).refusals.length === 0;
  const change = onlyAmounts(refusals.filter(({ code }) => code !== "policy.denied"))
    ? lessGrowth(index, request, existing, seats, fits)
    : null;
  return { candidates: [], refusals: arranged(refusals), smallestChange: change };
}

function seat(index: SnapshotIndex, request: RequestFacts, existing: readonly ExistingPart[]) {
  const seats: OccupiedSeat[] = [];
  const refusals: Refusal[] = [];
  for (const part of partsOf(demandOf(request))) {
    const place = existing.find(({ role }) => role === part.role);
    const cloud = index.clouds.find(({ id }) => id === place?.cloudId);
    const pool = place && index.pools.byId.get(place.poolId);
    if (place === undefined || cloud === undefined || pool?.cloudId !== cloud.id) {
      refusals.push(notInPlace(part, existing));
      continue;
    }
    const { quotaNodeId, instances: present = [] } = place;
    seats.push({ part: onTopOf(part, place.amounts), cloud, pool, quotaNodeId, present });
  }
  return { seats, refusals };
}

function notInPlace({ role }: Part, existing: readonly ExistingPart[]): Refusal {
  const primary = existing.find((part) => part.role === "primary");
  if (primary === undefined) throw new RangeError("a tenancy without a primary part cannot be changed");
  return refusal({ cloudId: primary.cloudId, poolId: null, role }, "part.not_in_place", {
    zh: "租户现有部署中没有这一部分，变更不能新增，请另行申请",
    en: "The tenancy has no such part; a change cannot add one, a new request can",
  });
}

function assess<Of extends Verdict>(
  index: SnapshotIndex,
  seats: readonly OccupiedSeat[],
  judge: Judge<Of>,
  preferences: Preferences,
): { candidate: Candidate<Of> | null; refusals: readonly Refusal[] } {
  const growing = seats.filter(({ part }) => !isEmpty(part.growth));
  const quotaReasons = quota(growing.map(({ part: { role, growth }, cloud }) => ({ role, cloud, growth })));
  const refusals: Refusal[] = [...quotaReasons];
  for (const { part, cloud, pool } of growing) {
    refusals.push(...cloudStatus(part, cloud), ...poolStatus(part, pool));
  }
  for (const { part, cloud, present } of seats) refusals.push(...capability(part, cloud, present));
  const home = seats.find(({ part }) => part.role === "primary");
  if (home === undefined) return { candidate: null, refusals };
  const copy = seats.find(({ part }) => part.role === "recovery");
  const recovery =
    copy === undefined ? NO_RECOVERY : recoveryFactsOf(index.snapshot, home.cloud, copy.cloud, copy.pool);
  const parts: CandidatePart<Of>[] = [];
  for (const { part, cloud, pool, quotaNodeId } of seats) {
    const short = capacity(part, pool);
    const fit = fitOf(short.length === 0, quotaReasons.length === 0);
    const judged = policy(judge, index.snapshot, part, cloud, pool, recovery, fit);
    refusals.push(...units(part, pool), ...short, ...judged.refusals);
    const { role, amounts } = part;
    parts.push({ role, cloudId: cloud.id, poolId: pool.id, quotaNodeId, amounts, verdict: judged.verdict });
  }
  const scores = scoresOf(preferences, home.part, home.cloud, home.pool);
  const score = totalOf(preferences, scores);
  return { candidate: { cloudId: home.cloud.id, parts, score, scores, recovery }, refusals };
}

/** Null too where nothing would be left of the change. */
function lessGrowth(
  index: SnapshotIndex,
  request: RequestFacts,
  existing: readonly ExistingPart[],
  seats: readonly OccupiedSeat[],
  fits: (request: RequestFacts) => boolean,
): SmallestChange | null {
  const changes = fittingAmounts(seats, request);
  if (changes === null || changes.length === 0) return null;
  const option = { changes };
  const instead = applyOption(request, option);
  const moves = seat(index, instead, existing).seats.some(({ part }) => part.changed.length > 0);
  return moves && fits(instead) ? changeOf([option]) : null;
}
