import type { Part } from "../demand.ts";
import { type Preferences, SCORER_NAMES, type ScorerName } from "../preferences.ts";
import type { SnapshotCloud, SnapshotPool } from "../snapshot.ts";
import { architecturePreference } from "./architecture.ts";
import { locality } from "./locality.ts";
import { strategy } from "./strategy.ts";

/** Whole numbers from 0 to 100. */
export type Scores = Readonly<Record<ScorerName, number>>;

export function scoresOf(
  preferences: Preferences,
  part: Part,
  cloud: SnapshotCloud,
  pool: SnapshotPool,
): Scores {
  return {
    locality: locality(preferences.localityOrder, cloud.facts.tier),
    strategy: strategy(preferences.strategy, part, pool),
    architecture: architecturePreference(part.request, pool),
  };
}

/** The weighted mean, rounded down. */
export function totalOf(preferences: Preferences, scores: Scores): number {
  let sum = 0;
  let weights = 0;
  for (const name of SCORER_NAMES) {
    sum += scores[name] * preferences.weights[name];
    weights += preferences.weights[name];
  }
  return weights === 0 ? 0 : Math.floor(sum / weights);
}
