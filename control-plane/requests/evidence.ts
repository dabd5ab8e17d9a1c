import { digestOf } from "../kernel/hash.ts";
import type { Candidate } from "../placement/candidate.ts";
import { demandOf, partsOf } from "../placement/demand.ts";
import { fitOf, placementFacts } from "../placement/filters/policy.ts";
import type { Judge } from "../placement/judge.ts";
import { poolOf } from "../placement/scene.ts";
import type { PlacementSnapshot } from "../placement/snapshot.ts";
import type { DecisionEvidence, PlaceFacts } from "../policy/explain/evidence.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { judgeOf, type Ruling } from "../policy/rulings.ts";
import type { Question } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { placedIn } from "./placed-in.ts";

/** Of places that rules denied, so many are kept where there is no other. */
const DENIED_PLACES_MAX = 32;

/** What the rules were asked about for a decision: the places of the candidate, or else those that they denied. */
export function evidenceOf(
  set: PolicySet,
  snapshot: PlacementSnapshot,
  question: Question,
  candidate: Candidate<Ruling> | null,
  { outcome, decidedAt }: Pick<Decision, "outcome" | "decidedAt">,
): DecisionEvidence {
  const { today, organization } = snapshot;
  const places =
    candidate === null
      ? deniedPlaces(set, snapshot, question)
      : candidatePlaces(snapshot, question, candidate);
  return {
    set,
    outcome,
    decidedAt: new Date(decidedAt),
    facts: { today, request: question.facts, organization, places },
  };
}

function candidatePlaces(
  snapshot: PlacementSnapshot,
  { facts }: Question,
  { parts, recovery }: Candidate<Ruling>,
): PlaceFacts[] {
  const demanded = partsOf(demandOf(facts));
  return parts.flatMap(({ role, cloudId, poolId }) => {
    const part = demanded.find((one) => one.role === role);
    const cloud = snapshot.clouds.find(({ id }) => id === cloudId);
    if (part === undefined || cloud === undefined) return [];
    // What does not fit is no candidate.
    return [placementFacts(snapshot, part, cloud, poolOf(snapshot, poolId), recovery, fitOf(true, true))];
  });
}

/** Asks once more and listens; the search for a smaller change asks about other requests, which are not meant. */
function deniedPlaces(set: PolicySet, snapshot: PlacementSnapshot, question: Question): PlaceFacts[] {
  const asked = new Set(partsOf(demandOf(question.facts)).map(({ request }) => digestOf(request)));
  const judge = judgeOf(set);
  const denied = new Map<string, PlaceFacts>();
  const listening: Judge<Ruling> = (facts) => {
    const ruling = judge(facts);
    const key = `${facts.part.role} ${facts.pool.id} ${facts.recovery.poolId}`;
    const counts = ruling.denied.length > 0 && denied.size < DENIED_PLACES_MAX && !denied.has(key);
    if (counts && asked.has(digestOf(facts.request))) denied.set(key, facts);
    return ruling;
  };
  placedIn(set, snapshot, question, listening);
  return [...denied.values()];
}
