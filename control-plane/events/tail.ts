import type { FeedEvent } from "./feed-event.ts";
import { isAfter, type Position } from "./position.ts";

/** The newest events in memory, so that a thousand watchers cost one query. */
export class Tail {
  readonly #sizeMax: number;
  #events: FeedEvent[] = [];
  #floor: Position;
  #head: Position;

  constructor(start: Position, sizeMax: number) {
    this.#floor = start;
    this.#head = start;
    this.#sizeMax = sizeMax;
  }

  /** Everything up to here has been read. */
  get head(): Position {
    return this.#head;
  }

  /** Adds what was read between the head and `upTo`; the oldest make room. */
  append(events: readonly FeedEvent[], upTo: Position): void {
    this.#events.push(...events);
    this.#head = upTo;
    const forgotten = this.#events.splice(0, Math.max(0, this.#events.length - this.#sizeMax)).at(-1);
    if (forgotten !== undefined) this.#floor = forgotten.position;
  }

  /** The events after a position, or null where some of them are no longer in memory. */
  after(position: Position): readonly FeedEvent[] | null {
    if (isAfter(this.#floor, position)) return null;
    const first = this.#events.findIndex((event) => isAfter(event.position, position));
    return first === -1 ? [] : this.#events.slice(first);
  }
}
