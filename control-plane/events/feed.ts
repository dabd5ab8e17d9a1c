import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { EVERYWHERE, type Scope } from "../authz/scope.ts";
import type { Database } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type FeedEvent, isVisible } from "./feed-event.ts";
import { isAfter, type Position } from "./position.ts";
import { currentPosition, isKept, readAfter } from "./rows.ts";
import { Tail } from "./tail.ts";

/** `lost`: what lay between the client's last event and the present is not kept any more. */
export type FeedItem = { readonly kind: "event"; readonly event: FeedEvent } | { readonly kind: "lost" };

export interface EventFeed {
  /**
   * What the scope covers, in commit order, each event once: after the given position, or from now on.
   * Ends when `signal` is aborted or the feed is closed. The place is taken before the promise resolves.
   */
  subscribe(scope: Scope, after: Position | null, signal: AbortSignal): Promise<AsyncIterable<FeedItem>>;
  /** Ends every subscription; no new one is taken. */
  close(): Promise<void>;
}

interface FeedParts {
  readonly db: Database;
  readonly log: Logger;
}

interface FeedOptions {
  readonly everyMs?: number;
  readonly subscribersMax?: number;
  readonly tailMax?: number;
}

const PAGE = 500;

/** One poller per process, which runs only while somebody watches. */
export function openEventFeed({ db, log }: FeedParts, options: FeedOptions = {}): EventFeed {
  const { everyMs = 500, subscribersMax = 1000, tailMax = 5000 } = options;
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let subscribers = 0;
  /** Counts the ticks that brought something, so that nobody waits for news that is there already. */
  let news = 0;
  let tail: Promise<Tail> | null = null;
  let polling: Promise<void> = Promise.resolve();

  const poll = async (memory: Tail) => {
    while (subscribers > 0 && !closing.signal.aborted) {
      try {
        const reading = await db.withTx((tx) => readAfter(tx, EVERYWHERE, memory.head, PAGE));
        memory.append(reading.events, reading.upTo);
        if (reading.events.length > 0) {
          news += 1;
          for (const done of [...waiting]) done();
        }
        if (reading.more) continue;
      } catch (error) {
        log.warn({ err: error }, "events could not be read");
      }
      // Only closing ends the pause early.
      await pause(everyMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    tail = null;
  };

  const openTail = (): Promise<Tail> => {
    const opening = db.withTx(currentPosition).then((start) => {
      const memory = new Tail(start, tailMax);
      polling = poll(memory);
      return memory;
    });
    opening.catch(() => {
      tail = null;
    });
    return opening;
  };

  const nextNews = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    });

  async function* follow(
    scope: Scope,
    memory: Tail,
    start: Position,
    signal: AbortSignal,
  ): AsyncGenerator<FeedItem> {
    let position = start;
    while (!signal.aborted) {
      const seen = news;
      const recent = memory.after(position);
      const from = position;
      // A watcher that resumes, or that is slow, reads for itself until it has caught up with the others.
      const reading = recent === null ? await db.withTx((tx) => readAfter(tx, scope, from, PAGE)) : null;
      const upTo = reading?.upTo ?? memory.head;
      for (const event of reading?.events ?? recent ?? []) {
        if (signal.aborted) return;
        if (isVisible(event, scope)) yield { kind: "event", event };
      }
      if (isAfter(upTo, position)) position = upTo;
      if (reading === null && news === seen) await nextNews(signal);
    }
  }

  async function* counted(items: AsyncIterable<FeedItem>, isLost: boolean): AsyncGenerator<FeedItem> {
    if (isLost) yield { kind: "lost" };
    yield* items;
  }

  return {
    async subscribe(scope, after, given) {
      if (closing.signal.aborted) throw fault("internal.shutting_down");
      if (subscribers >= subscribersMax) throw fault("http.rate_limited", { retryAfterSeconds: 30 });
      const signal = AbortSignal.any([given, closing.signal]);
      subscribers += 1;
      const leave = () => {
        subscribers -= 1;
      };
      try {
        tail ??= openTail();
        const memory = await tail;
        const { start, isLost } = await db.withTx(async (tx) => {
          const isKnown = after !== null && (await isKept(tx, scope, after));
          // What is in memory may be half a second old, and that would not be "from now on".
          return { start: isKnown ? after : await currentPosition(tx), isLost: after !== null && !isKnown };
        });
        signal.addEventListener("abort", leave, { once: true });
        if (signal.aborted) leave();
        return counted(follow(scope, memory, start, signal), isLost);
      } catch (error) {
        leave();
        throw error;
      }
    },
    async close() {
      closing.abort();
      await polling;
    },
  };
}
