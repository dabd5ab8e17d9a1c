import { denies, evaluate } from "./evaluate.ts";
import type { PlacementFacts } from "./facts.ts";
import type { PolicySet } from "./policy-set.ts";
import type { Ruling } from "./rulings.ts";

/** Asks every rule about every place and remembers nothing: what `judgeOf` has to agree with, and is measured by. */
export function plainJudgeOf(set: PolicySet): (facts: PlacementFacts) => Ruling {
  return (facts) => {
    const violations = evaluate(set, "placement", facts);
    const denied = violations.filter(denies);
    return { violations, denied, concerns: violations.length };
  };
}
