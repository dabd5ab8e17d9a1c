import type { CloudFacts } from "../policy/facts.ts";

export type Tier = CloudFacts["tier"];

export interface Preferences {
  /** Which kind of cloud is preferred, best first; a tier that is not named comes last. */
  readonly localityOrder: readonly Tier[];
  /** `spread` prefers the emptiest pool, `pack` the fullest that still fits. */
  readonly strategy: "spread" | "pack";
  /** Whole numbers from 0; at least one above 0. */
  readonly weights: Readonly<Record<ScorerName, number>>;
}

export const SCORER_NAMES = ["locality", "strategy", "architecture"] as const;
export type ScorerName = (typeof SCORER_NAMES)[number];

/**
 * A department goes to its own city's cloud first, then to the province's, then to its sector's.
 * The step between two tiers (35 of 70) weighs more than the other scorers together (30), so that
 * neither load nor architecture ever moves a department away from its nearest cloud.
 */
export const DEFAULT_PREFERENCES: Preferences = {
  localityOrder: ["municipal", "provincial", "industry"],
  strategy: "spread",
  weights: { locality: 70, strategy: 20, architecture: 10 },
};
