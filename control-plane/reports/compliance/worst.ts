import type { Severity } from "../../policy/schema.ts";
import type { Entry } from "./content.ts";

/** Nobody reads more on paper; the tables hold all of them. */
const PRINTED_MAX = 300;

const RANK: Readonly<Record<Severity, number>> = { high: 0, medium: 1, low: 2 };

/** Keeps the most severe entries of very many, the earliest first among equals. */
export class Worst {
  readonly #bySeverity: Readonly<Record<Severity, Entry[]>> = { high: [], medium: [], low: [] };

  offer(entry: Entry): void {
    const kept = this.#bySeverity[entry.control.severity];
    if (kept.length < PRINTED_MAX) kept.push(entry);
  }

  entries(): Entry[] {
    return Object.entries(this.#bySeverity)
      .toSorted(([left], [right]) => RANK[left as Severity] - RANK[right as Severity])
      .flatMap(([, kept]) => kept)
      .slice(0, PRINTED_MAX);
  }
}
