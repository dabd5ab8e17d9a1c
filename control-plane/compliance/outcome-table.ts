import type { Outcome } from "./verdict.ts";

/** Every distinct outcome once, by number: a run of a million results has a few hundred of them. */
export class OutcomeTable {
  readonly #outcomes: Outcome[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(outcome: Outcome): number {
    const key = JSON.stringify(outcome);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#outcomes.length;
    this.#outcomes.push(outcome);
    this.#numbers.set(key, number);
    return number;
  }

  at(number: number): Outcome {
    const outcome = this.#outcomes[number];
    if (outcome === undefined) throw new RangeError(`no outcome ${number}`);
    return outcome;
  }

  get size(): number {
    return this.#outcomes.length;
  }
}
