import type { Candidate } from "../placement/candidate.ts";
import type { Verdict } from "../placement/judge.ts";
import type { PlacementResult } from "../placement/place.ts";
import { poolOf } from "../placement/scene.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import type { CandidateView, PlacementAnswer } from "./decision.ts";

const CANDIDATES_SHOWN_MAX = 20;

export function answerOf(
  snapshot: PlacementSnapshot,
  result: PlacementResult<Verdict>,
  chosen: Candidate<Verdict> | null,
): PlacementAnswer {
  const view = ({ cloudId, score, scores, parts }: Candidate<Verdict>): CandidateView => ({
    cloudId,
    score,
    scores: { ...scores },
    parts: parts.map(({ role, cloudId: partCloud, poolId, quotaNodeId, amounts }) => {
      const { zone, architecture } = poolOf(snapshot, poolId).facts;
      return { role, cloudId: partCloud, poolId, quotaNodeId, zone, architecture, amounts };
    }),
  });
  return {
    chosen: chosen === null ? null : view(chosen),
    candidates: result.candidates.slice(0, CANDIDATES_SHOWN_MAX).map(view),
    candidateCount: result.candidates.length,
    refusals: result.refusals,
    smallestChange: result.smallestChange,
  };
}
