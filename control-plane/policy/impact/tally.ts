import { contextOf, judge, type Violation } from "../evaluate.ts";
import type { CelContext } from "../expression.ts";
import type { Subject } from "../fact-shape.ts";
import type { AssessmentFacts, PlacementFacts } from "../facts.ts";
import type { CompiledPolicy, PolicySet } from "../policy-set.ts";
import type { Impact, ImpactCase, ImpactChange } from "./wire.ts";

/** What is judged, for the counts and for people. */
export type Judged = Pick<ImpactCase, "kind" | "id" | "organizationId" | "cloudId">;

const CASES_MAX = 200;

/** A policy as it is and as it would be; null where there is none. */
interface Pair {
  readonly policyId: string;
  readonly subject: Subject;
  readonly before: CompiledPolicy | null;
  readonly after: CompiledPolicy | null;
}

/** Where one thing stands with a policy. What is exempted passes. */
type Standing = {
  readonly rank: "passes" | "needs_approval" | "fails";
  readonly violation: Violation | null;
};

const PASSES: Standing = { rank: "passes", violation: null };

/** Judges everything by the rules that would change, before and after, and counts what comes out otherwise. */
export class ImpactTally {
  readonly #pairs: readonly Pair[];
  readonly #counted = { resources: counts(), requests: counts() };
  readonly #judged = { resources: 0, requests: 0 };
  readonly #byOrganization = new Map<string, Record<ImpactChange, number>>();
  readonly #byCloud = new Map<string, Record<ImpactChange, number>>();
  readonly #cases: ImpactCase[] = [];

  constructor(before: PolicySet, after: PolicySet) {
    this.#pairs = pairsOf(before, after);
  }

  /** Whether anything about such a subject could come out otherwise. */
  concerns(...subjects: readonly Subject[]): boolean {
    return this.#pairs.some(({ subject }) => subjects.includes(subject));
  }

  count(kind: Judged["kind"], things: number): void {
    this.#judged[groupOf(kind)] += things;
  }

  /** One thing, or a part of it, by the rules about these subjects. @throws FactError */
  add(judged: Judged, subjects: readonly Subject[], facts: Partial<PlacementFacts>): void {
    const group = groupOf(judged.kind);
    const contexts = new Map<Subject, CelContext>();
    for (const pair of this.#pairs) {
      if (!subjects.includes(pair.subject)) continue;
      const context = contexts.get(pair.subject) ?? contextOf(pair.subject, facts as AssessmentFacts);
      contexts.set(pair.subject, context);
      this.#compare(judged, group, pair, context);
    }
  }

  #compare(judged: Judged, group: "resources" | "requests", pair: Pair, context: CelContext): void {
    const before = standingOf(pair.before, context);
    const after = standingOf(pair.after, context);
    if (before.rank === after.rank) return;
    const change = `newly_${after.rank}` as const;
    this.#counted[group][change] += 1;
    const { organizationId, cloudId } = judged;
    if (organizationId !== null) countIn(this.#byOrganization, organizationId, change);
    if (cloudId !== null) countIn(this.#byCloud, cloudId, change);
    if (this.#cases.length >= CASES_MAX) return;
    const { message = null, actual = null, required = null } = after.violation ?? {};
    this.#cases.push({ change, ...judged, policyId: pair.policyId, message, actual, required });
  }

  result(policy: CompiledPolicy): Impact {
    const { id: policyId, version } = policy.document.metadata;
    return {
      policyId,
      version,
      affects: this.#pairs.map((pair) => pair.policyId),
      resources: { judged: this.#judged.resources, ...this.#counted.resources },
      requests: { judged: this.#judged.requests, ...this.#counted.requests },
      byOrganization: Object.fromEntries(this.#byOrganization),
      byCloud: Object.fromEntries(this.#byCloud),
      cases: this.#cases,
    };
  }
}

/** The policies that differ: those that heirs replace are other objects than before. */
function pairsOf(before: PolicySet, after: PolicySet): Pair[] {
  const ids = new Set([...before.byId.keys(), ...after.byId.keys()]);
  return [...ids].sort().flatMap((policyId) => {
    const pair = { before: before.byId.get(policyId) ?? null, after: after.byId.get(policyId) ?? null };
    const subject = (pair.after ?? pair.before)?.subject;
    return subject === undefined || alike(pair.before, pair.after) ? [] : [{ policyId, subject, ...pair }];
  });
}

/** Of unchanged rules everything that was compiled is shared, unless inheritance or exemptions were worked in. */
function alike(left: CompiledPolicy | null, right: CompiledPolicy | null): boolean {
  if (left === null || right === null) return left === right;
  return left.validations === right.validations && left.match === right.match;
}

function standingOf(policy: CompiledPolicy | null, context: CelContext): Standing {
  if (policy === null) return PASSES;
  const violation = judge(policy, context)?.find(({ exemption }) => exemption === null);
  if (violation === undefined) return PASSES;
  return { rank: violation.action === "require-approval" ? "needs_approval" : "fails", violation };
}

function groupOf(kind: Judged["kind"]): "requests" | "resources" {
  return kind === "request" ? "requests" : "resources";
}

function counts(): Record<ImpactChange, number> {
  return { newly_fails: 0, newly_needs_approval: 0, newly_passes: 0 };
}

function countIn(tally: Map<string, Record<ImpactChange, number>>, key: string, change: ImpactChange): void {
  const known = tally.get(key) ?? counts();
  known[change] += 1;
  tally.set(key, known);
}
