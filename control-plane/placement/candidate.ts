import type { CloudId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import type { RecoveryFacts } from "../policy/facts.ts";
import type { PartRole } from "./demand.ts";
import type { Verdict } from "./judge.ts";
import { compareText } from "./refusal.ts";
import type { Scores } from "./scorers/score.ts";

export interface CandidatePart<Of extends Verdict> {
  readonly role: PartRole;
  readonly cloudId: CloudId;
  readonly poolId: PoolId;
  readonly quotaNodeId: QuotaNodeId;
  readonly amounts: ResourceVector;
  /** What the judge said of this part in this pool; it denies nothing. */
  readonly verdict: Of;
}

/** Pools for every part of a request that fit together. */
export interface Candidate<Of extends Verdict> {
  /** The cloud of the primary and of the edge. */
  readonly cloudId: CloudId;
  readonly parts: readonly CandidatePart<Of>[];
  /** Weighted mean of `scores`, 0 to 100. */
  readonly score: number;
  /** Of the primary's pool. */
  readonly scores: Scores;
  /** Where the copy goes; all empty without one. */
  readonly recovery: RecoveryFacts;
}

function poolsOf(candidate: Candidate<Verdict>): string {
  return candidate.parts.map((part) => part.poolId).join("\u0000");
}

function concernsOf({ parts }: Candidate<Verdict>): number {
  return parts.reduce((sum, { verdict }) => sum + (verdict.concerns ?? 0), 0);
}

/** Best first; equals by what policies hold against them, then in the order of their ids. */
export function compareCandidates(left: Candidate<Verdict>, right: Candidate<Verdict>): number {
  return (
    right.score - left.score ||
    concernsOf(left) - concernsOf(right) ||
    compareText(left.cloudId, right.cloudId) ||
    compareText(poolsOf(left), poolsOf(right))
  );
}
