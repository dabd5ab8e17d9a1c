import { digestOf } from "../../kernel/hash.ts";
import type { PlacementFacts } from "../facts.ts";
import type { PolicySet } from "../policy-set.ts";
import type { DecisionFacts } from "./evidence.ts";
import { explainPolicy } from "./explain-policy.ts";
import type { Explanation } from "./wire.ts";

/** What the set consists of. */
export function membersOf({
  policies,
  exemptionIds,
}: PolicySet): Pick<Explanation, "policies" | "exemptionIds"> {
  return {
    policies: policies.map(({ document }) => ({
      id: document.metadata.id,
      version: document.metadata.version,
      contentHash: digestOf(document),
    })),
    exemptionIds: [...exemptionIds],
  };
}

/** What every rule says of the request, and of place after place, with the value of each expression. Pure. */
export function aboutOf(set: PolicySet, { places, ...general }: DecisionFacts): Explanation["about"] {
  const explained = (subject: "request" | "placement", facts: Partial<PlacementFacts>) => ({
    subject,
    facts,
    policies: set.bySubject[subject].map((policy) => explainPolicy(policy, facts)),
  });
  return [
    { ...explained("request", general), place: null },
    ...places.map((facts) => ({
      ...explained("placement", facts),
      place: { role: facts.part.role, cloudId: facts.cloud.id, poolId: facts.pool.id },
    })),
  ];
}
