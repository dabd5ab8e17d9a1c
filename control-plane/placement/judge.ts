import type { Text } from "../kernel/text.ts";
import type { PlacementFacts, RecoveryFacts } from "../policy/facts.ts";
import type { PartRole } from "./demand.ts";

/** One rule that forbids a place. */
export interface Denial {
  readonly policyId: string;
  readonly ruleId: string;
  readonly message: Text;
  readonly actual: unknown;
  readonly required: unknown;
}

/** What the policies say of one place; callers may carry more, such as approvals that the place would need. */
export interface Verdict {
  readonly denied: readonly Denial[];
  /** How many rules the place breaks, also without being denied for it. Of equal places, the one with fewer is better. */
  readonly concerns?: number;
}

/**
 * Evaluates the policies for one part in one pool; pure. `facts.request.resources` are those of the part.
 * Sections of the facts (`request`, `cloud`, `recovery`, `fit`) are the same objects from call to call
 * wherever they are equal, so a judge may keep what it derives from them.
 */
export interface Judge<Of extends Verdict> {
  (facts: PlacementFacts, role: PartRole): Of;
  /** Equal for two copies that get the same verdicts, and give them to their primaries; absent: no two are equal. */
  readonly kindOf?: (recovery: RecoveryFacts) => unknown;
}
