import { toCel } from "../policy/cel-facts.ts";
import { judge } from "../policy/evaluate.ts";
import { type FactSection, SUBJECT_SECTIONS, type Subject } from "../policy/fact-shape.ts";
import { Kept } from "../policy/kept.ts";
import { Numbering, pairOf } from "../policy/numbering.ts";
import type { CompiledPolicy } from "../policy/policy-set.ts";
import { type RuleGroup, ruleGroupsOf } from "../policy/rule-groups.ts";
import { OutcomeTable } from "./outcome-table.ts";
import { outcomeOf } from "./verdict.ts";

type Facts = Partial<Readonly<Record<FactSection, unknown>>>;

/** Facts differ without end, so what is remembered is forgotten as a whole from time to time. */
const NUMBERS_MAX = 400_000;

/**
 * Judges very many resources by the same rules. Every rule is asked once for all resources that it cannot tell
 * apart: what it reads is known from its expressions, so two resources that agree in that have one answer.
 * Equal to asking every rule about every resource, which `batch-judge.test.ts` does beside it.
 */
export class BatchJudge {
  readonly #policies: readonly CompiledPolicy[];
  readonly #sections: readonly FactSection[];
  readonly #outcomes: OutcomeTable;
  #memory: Memory;

  /** `outcomes` may be shared by judges of several subjects. */
  constructor(subject: Subject, policies: readonly CompiledPolicy[], outcomes = new OutcomeTable()) {
    this.#policies = policies;
    this.#sections = SUBJECT_SECTIONS[subject];
    this.#outcomes = outcomes;
    this.#memory = new Memory(policies, this.#sections, outcomes);
  }

  /** How many results one resource has. */
  get width(): number {
    return this.#policies.length;
  }

  /**
   * Appends one outcome number per rule to `into`.
   * @param observed false where the cloud has not shown the resource: what applies then lacks evidence
   */
  judge(facts: Facts, observed: boolean, into: number[]): void {
    if (this.#memory.size > NUMBERS_MAX) {
      this.#memory = new Memory(this.#policies, this.#sections, this.#outcomes);
    }
    this.#memory.judge(facts, observed, into);
  }
}

interface KnownGroup extends RuleGroup {
  readonly at: number;
  /** Places in `sections` that the group reads. */
  readonly sections: readonly number[];
  /** Outcome numbers by what was seen; by observed and not. */
  readonly answers: readonly [Map<number, readonly number[]>, Map<number, readonly number[]>];
}

class Memory {
  readonly #sections: readonly FactSection[];
  readonly #groups: readonly KnownGroup[];
  readonly #outcomes: OutcomeTable;
  readonly #leaves = new Map<unknown, number>();
  readonly #pairs = new Numbering<number>();
  /** Sections that many resources share are read once; what each group reads of one, as a number. */
  readonly #shared = new Kept((section, value) => this.#numbersOf(section, value));
  readonly #values = new Kept(toCel);

  constructor(policies: readonly CompiledPolicy[], sections: readonly FactSection[], outcomes: OutcomeTable) {
    this.#sections = sections;
    this.#outcomes = outcomes;
    this.#groups = ruleGroupsOf(policies).map((group, at) => ({
      ...group,
      at,
      sections: group.reads.map(({ section }) => sections.indexOf(section)),
      answers: [new Map(), new Map()],
    }));
  }

  get size(): number {
    return this.#leaves.size + this.#pairs.size;
  }

  judge(facts: Facts, observed: boolean, into: number[]): void {
    const seen: Uint32Array[] = [];
    for (const section of this.#sections) {
      const value = facts[section];
      // A machine's own facts are nobody else's.
      seen.push(section === "resource" ? this.#numbersOf(section, value) : this.#shared.of(section, value));
    }
    for (const group of this.#groups) {
      let key = 0;
      for (const at of group.sections) key = this.#pairs.of(pairOf(key, seen[at]?.[group.at] ?? 0));
      const answers = group.answers[observed ? 1 : 0];
      let answer = answers.get(key);
      if (answer === undefined) {
        answer = this.#ask(group, facts, observed);
        answers.set(key, answer);
      }
      for (const number of answer) into.push(number);
    }
  }

  #ask(group: KnownGroup, facts: Facts, observed: boolean): number[] {
    const context = Object.fromEntries(
      this.#sections.map((section) => [section, this.#values.of(section, facts[section])]),
    );
    return group.policies.map(({ policy }) =>
      this.#outcomes.numberOf(outcomeOf(policy, judge(policy, context), observed)),
    );
  }

  #numbersOf(section: FactSection, value: unknown): Uint32Array {
    const numbers = new Uint32Array(this.#groups.length);
    for (const { at, reads } of this.#groups) {
      const read = reads.find((one) => one.section === section);
      if (read === undefined) continue;
      let number = 0;
      for (const path of read.paths) number = this.#pairs.of(pairOf(number, this.#leafOf(value, path)));
      numbers[at] = number;
    }
    return numbers;
  }

  #leafOf(value: unknown, path: readonly string[]): number {
    let leaf = value;
    for (const field of path) leaf = (leaf as Readonly<Record<string, unknown>>)[field];
    // A list is the text of its elements; a text of the same characters is told apart by the mark.
    const key = typeof leaf === "object" ? `\u0000${JSON.stringify(leaf)}` : leaf;
    const known = this.#leaves.get(key);
    if (known !== undefined) return known;
    const next = this.#leaves.size + 1;
    this.#leaves.set(key, next);
    return next;
  }
}
