import type { ResourceVector } from "../kernel/quantity.ts";
import type { Reference } from "../kernel/shared-text.ts";
import type { Text } from "../kernel/text.ts";
import type { Refusal } from "../placement/refusal.ts";
import type { SmallestChange } from "../placement/smallest-change.ts";
import type { RequiredApprover } from "./plan.ts";

export interface Violation {
  readonly policyId: string;
  readonly policyVersion: number;
  readonly ruleId: string;
  readonly severity: "deny" | "require-approval" | "warn" | "audit";
  readonly basis: readonly { standard: string; clause?: string | undefined; note?: string | undefined }[];
  readonly message: Text;
  readonly actual: unknown;
  readonly required: unknown;
}

/** What was decided and why; every failing rule is here, not the first. */
export interface Decision {
  readonly outcome: "allowed" | "needs_approval" | "denied";
  readonly violations: readonly Violation[];
  readonly approvers: readonly RequiredApprover[];
  readonly decidedAt: string;
  readonly policyDigest: string;
}

export interface PlannedPlace {
  readonly role: "primary" | "edge" | "recovery";
  readonly cloudId: string;
  readonly poolId: string;
  readonly quotaNodeId: string;
  readonly zone: string;
  readonly architecture: string;
  readonly amounts: ResourceVector;
}

export interface CandidateView {
  readonly cloudId: string;
  /** Weighted mean of the scorers, 0 to 100. */
  readonly score: number;
  readonly scores: Readonly<Record<string, number>>;
  readonly parts: readonly PlannedPlace[];
}

/** Where the request could go, why not elsewhere, and what would fit where nothing does. */
export interface PlacementAnswer {
  readonly chosen: CandidateView | null;
  readonly candidates: readonly CandidateView[];
  /** How many there were before the list was cut. */
  readonly candidateCount: number;
  readonly refusals: readonly Refusal[];
  readonly smallestChange: SmallestChange | null;
}

/** As it is kept. Refusals that were read back are a reference, in whose place they stand in every answer. */
export type KeptPlacement = Omit<PlacementAnswer, "refusals"> & {
  readonly refusals: readonly Refusal[] | Reference;
};
