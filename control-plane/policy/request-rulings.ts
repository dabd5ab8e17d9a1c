import { contextOf, judge, type Violation } from "./evaluate.ts";
import type { SubjectFacts } from "./fact-shape.ts";
import type { PolicySet } from "./policy-set.ts";
import { profileOf, type RuleGroup, ruleGroupsOf } from "./rule-groups.ts";

type Facts = SubjectFacts<"request">;

/** What rules have said of requests in which they read the same, with their rank in the set. */
interface KnownGroup extends RuleGroup {
  readonly answers: Map<string, readonly { readonly rank: number; readonly violation: Violation }[]>;
}

const GROUPS = new WeakMap<PolicySet, readonly KnownGroup[]>();

/** Of each group. Some rules read names, which differ without end: their answers are forgotten as a whole. */
const ANSWERS_MAX = 2000;

/**
 * What `evaluate` says of a request. No two requests are alike, but most rules read two or three of their facts,
 * which take few values: each rule is asked once for all requests that it cannot tell apart. @throws FactError
 */
export function requestViolations(set: PolicySet, facts: Facts): Violation[] {
  let context: ReturnType<typeof contextOf> | null = null;
  const said = groupsOf(set).flatMap(({ reads, policies, answers }) => {
    const seen = reads.map(({ section, paths }) => profileOf(facts[section as keyof Facts], paths)).join();
    const before = answers.get(seen);
    if (before !== undefined) return before;
    context ??= contextOf("request", facts);
    const now = policies.flatMap(({ policy, rank }) =>
      (judge(policy, context ?? {}) ?? []).map((violation) => ({ rank, violation })),
    );
    if (answers.size >= ANSWERS_MAX) answers.clear();
    answers.set(seen, now);
    return now;
  });
  return said.sort((left, right) => left.rank - right.rank).map(({ violation }) => violation);
}

function groupsOf(set: PolicySet): readonly KnownGroup[] {
  const known = GROUPS.get(set);
  if (known !== undefined) return known;
  const made = ruleGroupsOf("request", set.bySubject.request).map((group) => ({
    ...group,
    answers: new Map(),
  }));
  GROUPS.set(set, made);
  return made;
}
