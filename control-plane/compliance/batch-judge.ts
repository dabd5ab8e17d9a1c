import { toCelOf, type Wanted, wantedBy } from "../policy/cel-facts.ts";
import { judge, type Violation } from "../policy/evaluate.ts";
import { type FactSection, SUBJECT_SECTIONS, type Subject } from "../policy/fact-shape.ts";
import type { CompiledPolicy } from "../policy/policy-set.ts";
import { fieldsIn, ruleGroupsOf } from "../policy/rule-groups.ts";
import { FactColumns } from "./fact-columns.ts";
import { OutcomeTable } from "./outcome-table.ts";
import { outcomeOf } from "./verdict.ts";

export type Facts = Partial<Readonly<Record<FactSection, unknown>>>;

/**
 * Judges very many resources by the same rules. Every rule is asked once for all resources that it cannot tell
 * apart: what it reads is known from its expressions, so two resources that agree in that have one answer.
 * Equal to asking every rule about every resource, which `batch-judge.test.ts` does beside it.
 */
export class BatchJudge {
  readonly #sections: readonly FactSection[];
  readonly #outcomes: OutcomeTable;
  readonly #columns: FactColumns;
  readonly #groups: readonly Group[];
  /** What most rules say of most resources need not be looked up by its text. */
  readonly #plain = new Map<CompiledPolicy, Partial<Record<string, number>>>();

  /** `outcomes` may be shared by judges of several subjects. */
  constructor(subject: Subject, policies: readonly CompiledPolicy[], outcomes = new OutcomeTable()) {
    this.#sections = SUBJECT_SECTIONS[subject];
    this.#outcomes = outcomes;
    this.#columns = new FactColumns(this.#sections);
    this.#groups = ruleGroupsOf(subject, policies).map((group) => ({
      policies: group.policies.map(({ policy }) => policy),
      columns: group.reads.flatMap(({ section, paths }) =>
        paths.map((path) => this.#columns.columnOf(section, path)),
      ),
      wanted: wantedOf(
        this.#sections,
        group.policies.map(({ policy }) => policy),
      ),
      answers: [new Map(), new Map()],
    }));
  }

  /**
   * Appends one outcome number per rule to `into`.
   * @param observed false where the cloud has not shown the resource: what applies then lacks evidence
   */
  judge(facts: Facts, observed: boolean, into: number[]): void {
    if (this.#columns.isFull) this.#forget();
    const seen = this.#columns.read(facts);
    for (const group of this.#groups) {
      const key = this.#columns.keyOf(seen, group.columns);
      const answers = group.answers[observed ? 1 : 0];
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = this.#ask(group, facts, observed);
        answers.set(key, answer);
      }
      for (const number of answer) into.push(number);
    }
  }

  /** Facts differ without end, so what is remembered is forgotten as a whole from time to time. */
  #forget(): void {
    this.#columns.clear();
    for (const { answers } of this.#groups) for (const known of answers) known.clear();
  }

  #ask({ policies, wanted }: Group, facts: Facts, observed: boolean): number[] {
    const context = Object.fromEntries(
      wanted.map(({ section, wanted: fields }) => [section, toCelOf(section, facts[section], fields)]),
    );
    return policies.map((policy) => this.#numberOf(policy, judge(policy, context), observed));
  }

  #numberOf(policy: CompiledPolicy, violations: readonly Violation[] | null, observed: boolean): number {
    const isPlain = violations === null || violations.length === 0;
    if (!isPlain) return this.#outcomes.numberOf(outcomeOf(policy, violations, observed));
    const known = this.#plain.get(policy) ?? {};
    this.#plain.set(policy, known);
    const kind = violations === null ? "not applicable" : observed ? "kept" : "unseen";
    known[kind] ??= this.#outcomes.numberOf(outcomeOf(policy, violations, observed));
    return known[kind];
  }
}

/** Everything that is named anywhere in some rules, also where it only illustrates what was found. */
function wantedOf(sections: readonly FactSection[], policies: readonly CompiledPolicy[]): Group["wanted"] {
  const expressions = policies.flatMap(({ match, validations, exemptions }) => [
    match,
    ...validations.flatMap(({ expression, actual, required }) => [expression, actual, required]),
    ...exemptions.map(({ resources }) => resources),
  ]);
  const reads = expressions.flatMap((expression) => expression?.reads ?? []);
  return sections.flatMap((section) => {
    const paths = reads.flatMap(([named, ...fields]) => (named === section ? [fieldsIn(fields)] : []));
    return paths.length === 0 ? [] : [{ section, wanted: wantedBy(paths) }];
  });
}

/** Rules that read the same facts, and so tell apart the same resources. */
interface Group {
  readonly policies: readonly CompiledPolicy[];
  readonly columns: readonly number[];
  readonly wanted: readonly { readonly section: FactSection; readonly wanted: Wanted | undefined }[];
  /** Outcome numbers by what was read, of resources that were not observed and of those that were. */
  readonly answers: readonly [Map<number, readonly number[]>, Map<number, readonly number[]>];
}
