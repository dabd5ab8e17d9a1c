import type { Judge } from "../placement/judge.ts";
import { type PlacementResult, place } from "../placement/place.ts";
import { placeInPlace } from "../placement/place-in-place.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { judgeOf, type Ruling } from "../policy/rulings.ts";
import type { Question } from "./decide.ts";
import { preferencesOf } from "./preferences.ts";

/** Where it could go, or could stay; another judge than the one that remembers has to say the same. */
export function placedIn(
  policies: PolicySet,
  snapshot: PlacementSnapshot,
  { facts, existing }: Question,
  judge: Judge<Ruling> = judgeOf(policies),
): PlacementResult<Ruling> {
  const preferences = preferencesOf(policies.preferences);
  return existing === null
    ? place(snapshot, facts, judge, preferences)
    : placeInPlace(snapshot, facts, existing, judge, preferences);
}
