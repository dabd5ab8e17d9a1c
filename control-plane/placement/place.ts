import type { RequestFacts } from "../policy/facts.ts";
import type { Candidate } from "./candidate.ts";
import { demandOf } from "./demand.ts";
import type { Judge, Verdict } from "./judge.ts";
import type { Preferences } from "./preferences.ts";
import type { Refusal } from "./refusal.ts";
import { indexOf, type Scene } from "./scene.ts";
import { search } from "./search.ts";
import { type SmallestChange, smallestChange } from "./smallest-change.ts";
import type { PlacementSnapshot } from "./snapshot.ts";

export interface PlacementResult<Of extends Verdict> {
  /** Best first; empty where nothing fits. */
  readonly candidates: readonly Candidate<Of>[];
  readonly refusals: readonly Refusal[];
  /** Null where something fits, and where none of the changes that were tried would help. */
  readonly smallestChange: SmallestChange | null;
}

/** Where a new tenancy can go, and why it cannot go elsewhere. Pure: equal questions get equal answers. */
export function place<Of extends Verdict>(
  snapshot: PlacementSnapshot,
  request: RequestFacts,
  judge: Judge<Of>,
  preferences: Preferences,
): PlacementResult<Of> {
  const index = indexOf(snapshot);
  const scene: Scene<Of> = { index, request, demand: demandOf(request), judge, preferences, explain: true };
  const { candidates, refusals } = search(scene);
  return { candidates, refusals, smallestChange: candidates.length > 0 ? null : smallestChange(scene) };
}
