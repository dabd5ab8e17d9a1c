import type { FactSection } from "./fact-shape.ts";

/** Derives something from a section of the facts once, for as long as that section lives. */
export class Kept<Value> {
  readonly #derive: (section: FactSection, value: unknown) => Value;
  readonly #ofObjects = new WeakMap<object, Value>();
  /** Of `today`, which is the only section that is no object. */
  readonly #ofWords = new Map<unknown, Value>();

  constructor(derive: (section: FactSection, value: unknown) => Value) {
    this.#derive = derive;
  }

  of(section: FactSection, value: unknown): Value {
    const known = typeof value === "object" && value !== null ? this.#ofObjects : this.#ofWords;
    const before = known.get(value as object);
    if (before !== undefined) return before;
    const made = this.#derive(section, value);
    known.set(value as object, made);
    return made;
  }
}
