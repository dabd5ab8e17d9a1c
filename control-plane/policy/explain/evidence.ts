import { digestOf } from "../../kernel/hash.ts";
import { evaluate, type Outcome, type Violation } from "../evaluate.ts";
import type { OrganizationFacts, PlacementFacts, RequestFacts } from "../facts.ts";
import type { PolicySet } from "../policy-set.ts";

/** A part of a request in a pool, as the rules saw it. */
export type PlaceFacts = PlacementFacts;

/** The facts behind one decision. */
export interface DecisionFacts {
  /** The day in China. */
  readonly today: string;
  readonly request: RequestFacts;
  readonly organization: OrganizationFacts;
  readonly places: readonly PlaceFacts[];
}

/** Everything from which a decision was made. */
export interface DecisionEvidence {
  readonly set: PolicySet;
  readonly decidedAt: Date;
  readonly outcome: Outcome;
  readonly facts: DecisionFacts;
}

/** All that the rules say of these facts, in the order of the set: first of the request, then of place after place. */
export function verdictsOn(
  set: PolicySet,
  { today, request, organization, places }: DecisionFacts,
): Violation[] {
  return [
    ...evaluate(set, "request", { today, request, organization }),
    ...places.flatMap((place) => evaluate(set, "placement", place)),
  ];
}

/** Equal for two evaluations that say the same. */
export function verdictDigest(violations: readonly Violation[]): string {
  return digestOf(
    violations.map(({ policyId, policyVersion, validationId, action, exemption }) => [
      policyId,
      policyVersion,
      validationId,
      action,
      exemption?.id ?? null,
    ]),
  );
}
