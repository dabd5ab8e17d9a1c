import type { Message } from "./message.ts";

/** What writers told, across all that were killed. */
export class Tally {
  ended = 0;
  /** Writers that ended by themselves when the database was stopped. */
  readonly unexpected: string[] = [];
  readonly #endings = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  /** Requests that a key was answered with; more than one is one too many. */
  readonly answers = new Map<string, Set<string>>();
  #repeats = 0;

  hear(message: Message): void {
    if (message.kind === "unexpected") {
      this.unexpected.push(`${message.operation}: ${message.error}`);
      return;
    }
    if (message.kind === "failed") {
      this.#failures.set(message.code, (this.#failures.get(message.code) ?? 0) + 1);
      return;
    }
    if (message.ending !== "none") this.ended += 1;
    const name = `${message.operation} ${message.ending}`;
    this.#endings.set(name, (this.#endings.get(name) ?? 0) + 1);
    const { key, answer } = message;
    if (key === undefined || answer === undefined || answer === "") return;
    const known = this.answers.get(key) ?? new Set();
    if (known.size > 0) this.#repeats += 1;
    this.answers.set(key, known.add(answer));
  }

  toJSON() {
    const count = (code: string) => this.#failures.get(code) ?? 0;
    return {
      operations: this.ended,
      endings: Object.fromEntries([...this.#endings].sort()),
      serializationFailures: count("40001"),
      deadlocks: count("40P01"),
      databaseAway: count("database.unavailable"),
      databaseBusy: count("database.busy"),
      keys: this.answers.size,
      repeatedKeys: this.#repeats,
    };
  }
}
