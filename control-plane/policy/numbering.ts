/** Gives every key a whole number of its own, so that what takes long to compare is compared once. */
export class Numbering<Key extends string | number> {
  readonly #numbers = new Map<Key, number>();

  of(key: Key): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const next = this.#numbers.size + 1;
    this.#numbers.set(key, next);
    return next;
  }

  /** Numbers begin anew. */
  clear(): void {
    this.#numbers.clear();
  }

  get size(): number {
    return this.#numbers.size;
  }
}

const NUMBERS_MAX = 2 ** 26;

/** One key for two numbers below `NUMBERS_MAX`. */
export function pairOf(left: number, right: number): number {
  return left * NUMBERS_MAX + right;
}
