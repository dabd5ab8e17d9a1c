import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";

/** A job that was taken from the queue. */
export interface TakenJob {
  readonly id: string;
  readonly key: string;
  /** True when a failure now would set the job aside. */
  readonly last: boolean;
}

/** Not now, since what the job is about is busy: it comes again after so many seconds, and nothing has failed. */
export interface Later {
  readonly afterSeconds: number;
}

export type JobEnd = "done" | Later;

export interface Dispatch {
  /** Jobs that are carried out at the same time. */
  readonly slots: number;
  readonly everyMs: number;
  readonly log: Logger;
  take(count: number): Promise<readonly TakenJob[]>;
  handle(job: TakenJob): Promise<JobEnd>;
  done(job: TakenJob): Promise<void>;
  later(job: TakenJob, when: Later): Promise<void>;
  failed(job: TakenJob, error: unknown): Promise<void>;
}

/**
 * Keeps slots filled from a queue: one look for all of them, and no slot waits for another. Returns how to stop:
 * nothing more is taken, and what is under way is waited for.
 */
export function startDispatch(work: Dispatch): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const carry = (job: TakenJob) => {
    const run = carryOut(work, job).finally(() => running.delete(run));
    running.add(run);
  };
  const loop = async () => {
    while (!signal.aborted) {
      const free = work.slots - running.size;
      const jobs = free === 0 ? [] : await taken(work, free);
      for (const job of jobs) carry(job);
      const full = running.size === work.slots;
      // Where every slot is taken, the next look is due as soon as one of them is free.
      if (full) await Promise.race(running);
      else await pause(work.everyMs, undefined, { signal }).catch(ignoringAbort);
    }
  };
  const looping = loop();
  return async () => {
    stopping.abort();
    await looping;
    await Promise.all(running);
  };
}

async function taken({ take, log }: Dispatch, count: number): Promise<readonly TakenJob[]> {
  try {
    return await take(count);
  } catch (error) {
    log.warn({ err: error }, "job queue");
    return [];
  }
}

/** Never throws: what cannot even be written down is given to another worker once its time is over. */
async function carryOut(work: Dispatch, job: TakenJob): Promise<void> {
  try {
    const end = await work.handle(job).catch((error: unknown) => ({ error }));
    if (end === "done") await work.done(job);
    else if ("error" in end) await work.failed(job, end.error);
    else await work.later(job, end);
  } catch (error) {
    work.log.warn({ err: error, key: job.key }, "job queue");
  }
}

function ignoringAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === "AbortError")) throw error;
}
