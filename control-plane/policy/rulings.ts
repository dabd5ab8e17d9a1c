import { toCel } from "./cel-facts.ts";
import { denies, judge, type Violation } from "./evaluate.ts";
import { type FactSection, SUBJECT_SECTIONS } from "./fact-shape.ts";
import type { FitFacts, PlacementFacts, RecoveryFacts } from "./facts.ts";
import { Kept } from "./kept.ts";
import { Numbering, pairOf } from "./numbering.ts";
import type { PolicySet } from "./policy-set.ts";
import { profileOf, type RuleGroup, ruleGroupsOf } from "./rule-groups.ts";

/** What all rules say of one place. */
export interface Ruling {
  /** Every failing validation of every rule that applies, in the order of the set. */
  readonly violations: readonly Violation[];
  readonly denied: readonly Violation[];
  readonly concerns: number;
}

interface Judge {
  (facts: PlacementFacts): Ruling;
  readonly kindOf: (recovery: RecoveryFacts) => string;
}

const JUDGES = new WeakMap<PolicySet, Judge>();

/**
 * Judges places as `evaluate` does, but asks each rule once for all places that it cannot tell apart: to 60
 * rules 400 pools are a few dozen kinds of pools, and most rules read two or three facts. What a rule reads is
 * known from its expressions, so its answers are kept from one decision to the next. @throws FactError
 */
export function judgeOf(set: PolicySet): Judge {
  const known = JUDGES.get(set);
  if (known !== undefined) return known;
  const made = newJudge(set);
  JUDGES.set(set, made);
  return made;
}

/** Requests differ without end, so what is remembered is forgotten as a whole from time to time. */
const NUMBERS_MAX = 500_000;

function newJudge(set: PolicySet): Judge {
  let memory = new Memory(set);
  let recent: { readonly facts: PlacementFacts; readonly site: Site } | null = null;
  const judge = (facts: PlacementFacts): Ruling => {
    if (recent === null || !isAtOnePlace(recent.facts, facts)) {
      if (memory.size > NUMBERS_MAX) memory = new Memory(set);
      recent = { facts, site: memory.siteOf(facts) };
    }
    return memory.rulingAt(recent.site, facts);
  };
  return Object.assign(judge, { kindOf: kindsOf(set) });
}

/** Copies of which the rules read the same are of one kind. */
function kindsOf(set: PolicySet): (recovery: RecoveryFacts) => string {
  const paths = ruleGroupsOf("placement", set.bySubject.placement).flatMap(({ reads }) =>
    reads.filter(({ section }) => section === "recovery").flatMap((read) => read.paths),
  );
  const distinct = [...new Map(paths.map((path) => [path.join("."), path])).values()];
  return (recovery) => profileOf(recovery, distinct);
}

/** One violation, with the rank of its rule in the set. */
interface Say {
  readonly rank: number;
  readonly violation: Violation;
}

/** Rules that tell apart the same places, with what they have said so far. */
interface KnownGroup extends RuleGroup {
  readonly at: number;
  readonly readsPool: boolean;
  readonly answers: Map<number, readonly Say[]>;
}

/** A part of a request on a cloud, before any look at a pool. */
interface Site {
  /** What is the same in all pools of the cloud. */
  readonly said: readonly Say[];
  readonly open: readonly { readonly group: KnownGroup; readonly seen: number }[];
  readonly rulings: Map<number, Ruling>;
}

/** Sections that differ from pool to pool of one cloud. */
const POOL_SECTIONS: readonly FactSection[] = ["pool", "fit"];
const SITE_SECTIONS = SUBJECT_SECTIONS.placement.filter((section) => !POOL_SECTIONS.includes(section));

class Memory {
  readonly #groups: readonly KnownGroup[];
  readonly #texts = new Numbering<string>();
  readonly #pairs = new Numbering<number>();
  /** What each group reads of a section as a number, in the order of the groups; 0 where it reads nothing. */
  readonly #reads = new Kept((section, value) => this.#numbersOf(section, value));
  readonly #kinds = new Kept((section, value) => this.#texts.of(this.#reads.of(section, value).join()));
  readonly #values = new Kept(toCel);
  readonly #sites = new Map<number, Site>();

  constructor(set: PolicySet) {
    this.#groups = ruleGroupsOf("placement", set.bySubject.placement).map((group, at) => ({
      ...group,
      at,
      readsPool: group.reads.some(({ section }) => POOL_SECTIONS.includes(section)),
      answers: new Map(),
    }));
  }

  get size(): number {
    return this.#texts.size + this.#pairs.size;
  }

  siteOf(facts: PlacementFacts): Site {
    let seen = 0;
    for (const section of SITE_SECTIONS) seen = this.#with(seen, this.#kinds.of(section, facts[section]));
    const known = this.#sites.get(seen) ?? this.#newSite(facts);
    this.#sites.set(seen, known);
    return known;
  }

  #newSite(facts: PlacementFacts): Site {
    const reads = SITE_SECTIONS.map((section) => this.#reads.of(section, facts[section]));
    const said: Say[] = [];
    const open: Site["open"][number][] = [];
    for (const group of this.#groups) {
      let seen = 0;
      for (const numbers of reads) seen = this.#with(seen, numbers[group.at]);
      if (group.readsPool) open.push({ group, seen });
      else said.push(...this.#answer(group, seen, facts));
    }
    return { said, open, rulings: new Map() };
  }

  rulingAt({ said, open, rulings }: Site, facts: PlacementFacts): Ruling {
    const kind = pairOf(this.#kinds.of("pool", facts.pool), fitIndex(facts.fit));
    const known = rulings.get(kind);
    if (known !== undefined) return known;
    const [pool, fit] = [this.#reads.of("pool", facts.pool), this.#reads.of("fit", facts.fit)];
    const all = [...said];
    for (const { group, seen } of open) {
      all.push(...this.#answer(group, this.#with(this.#with(seen, pool[group.at]), fit[group.at]), facts));
    }
    const violations = all.sort((left, right) => left.rank - right.rank).map(({ violation }) => violation);
    const denied = violations.filter(denies);
    const ruling = { violations, denied, concerns: violations.length };
    rulings.set(kind, ruling);
    return ruling;
  }

  /** A number for everything that was seen before and this. */
  #with(seen: number, number = 0): number {
    return number === 0 ? seen : this.#pairs.of(pairOf(seen, number));
  }

  #answer({ answers, policies }: KnownGroup, seen: number, facts: PlacementFacts): readonly Say[] {
    const before = answers.get(seen);
    if (before !== undefined) return before;
    const context = Object.fromEntries(
      SUBJECT_SECTIONS.placement.map((section) => [section, this.#values.of(section, facts[section])]),
    );
    const said = policies.flatMap(({ policy, rank }) =>
      (judge(policy, context) ?? []).map((violation) => ({ rank, violation })),
    );
    answers.set(seen, said);
    return said;
  }

  #numbersOf(section: FactSection, value: unknown): readonly number[] {
    return this.#groups.map(({ reads }) => {
      const read = reads.find((one) => one.section === section);
      return read === undefined ? 0 : this.#texts.of(`${section}${profileOf(value, read.paths)}`);
    });
  }
}

function fitIndex({ capacity, quota }: FitFacts): number {
  return (capacity ? 1 : 0) + (quota ? 2 : 0);
}

/** Sections are the same objects from call to call wherever they are equal, see `placement/judge.ts`. */
function isAtOnePlace(left: PlacementFacts, right: PlacementFacts): boolean {
  return (
    left.cloud === right.cloud &&
    left.recovery === right.recovery &&
    left.part === right.part &&
    left.request === right.request &&
    left.organization === right.organization &&
    left.today === right.today
  );
}
