import type { FactSection } from "../policy/fact-shape.ts";
import { Numbering } from "../policy/numbering.ts";
import { factAt } from "../policy/rule-groups.ts";

/** Numbers of one column stay below this, so that three of them make one exact number. */
const VALUES_MAX = 2 ** 16;
const COMBINATIONS_MAX = 300_000;

/**
 * Facts as numbers: one column for each fact that any rule names, equal numbers exactly for equal values. What a
 * resource shares with the one before it, as the machines of a tenancy do, is read once.
 */
export class FactColumns {
  readonly #sections: readonly Section[];
  readonly #combined = new Numbering<number>();
  readonly #read: readonly (readonly number[])[];
  #full = false;

  constructor(sections: readonly FactSection[]) {
    this.#sections = sections.map((name) => ({ name, columns: [], last: NOTHING, numbers: [] }));
    this.#read = this.#sections.map(({ numbers }) => numbers);
  }

  /** The number under which `keyOf` knows the fact. */
  columnOf(section: FactSection, path: readonly string[]): number {
    const at = this.#sections.findIndex(({ name }) => name === section);
    const found = this.#sections[at];
    if (found === undefined) throw new RangeError(`no section ${section}`);
    const same = found.columns.findIndex((column) => column.path.join(".") === path.join("."));
    if (same >= 0) return at * VALUES_MAX + same;
    found.columns.push({ path, values: new Map() });
    return at * VALUES_MAX + found.columns.length - 1;
  }

  /** True where numbers would soon not be exact any more: time to `clear`. */
  get isFull(): boolean {
    return this.#full || this.#combined.size > COMBINATIONS_MAX;
  }

  clear(): void {
    this.#combined.clear();
    this.#full = false;
    for (const section of this.#sections) {
      section.last = NOTHING;
      for (const { values } of section.columns) values.clear();
    }
  }

  /** The facts of one resource, by section; the lists are used again with the next reading. */
  read(facts: Partial<Readonly<Record<FactSection, unknown>>>): readonly (readonly number[])[] {
    for (const section of this.#sections) {
      const value = facts[section.name];
      if (value === section.last) continue;
      section.last = value;
      for (let at = 0; at < section.columns.length; at += 1) {
        const column = section.columns[at];
        if (column !== undefined) section.numbers[at] = this.#numberOf(column, value);
      }
    }
    return this.#read;
  }

  /** Equal for two resources exactly where they agree in all the columns. */
  keyOf(seen: readonly (readonly number[])[], columns: readonly number[]): number {
    let key = 0;
    let room = 3;
    for (const column of columns) {
      if (room === 0) {
        key = this.#combined.of(key);
        room = 2;
      }
      key = key * VALUES_MAX + (seen[column >>> 16]?.[column & 0xffff] ?? 0);
      room -= 1;
    }
    return key;
  }

  #numberOf({ path, values }: Column, section: unknown): number {
    const leaf = factAt(section, path);
    // A list is the text of its elements; the mark tells it from a text of the same characters.
    const key = typeof leaf === "object" ? `\u0000${JSON.stringify(leaf)}` : leaf;
    const known = values.get(key);
    if (known !== undefined) return known;
    const next = values.size + 1;
    values.set(key, next);
    if (next >= VALUES_MAX - 64) this.#full = true;
    return next;
  }
}

interface Column {
  readonly path: readonly string[];
  readonly values: Map<unknown, number>;
}

interface Section {
  readonly name: FactSection;
  readonly columns: Column[];
  /** What was read last, and as which numbers. Facts are never changed in place. */
  last: unknown;
  readonly numbers: number[];
}

/** Equal to no facts. */
const NOTHING = Symbol("nothing");
