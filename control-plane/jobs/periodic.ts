import type { Logger } from "pino";

export interface PeriodicTask {
  readonly name: string;
  readonly everyMs: number;
  /** Begins anew though the last run has not ended: for what one slow cloud could hold up. */
  readonly overlapping?: boolean;
  /** Idempotent, and safe to run in several processes at once. */
  readonly run: () => Promise<unknown>;
}

/** Runs tasks again and again, each after its own last run has ended unless it overlaps; a failure is logged and tried next time. */
export function startPeriodic(tasks: readonly PeriodicTask[], log: Logger): () => Promise<void> {
  let stopped = false;
  const loops = tasks.map((task) => startLoop(task, log, () => stopped));
  return async () => {
    stopped = true;
    await Promise.all(loops.map((loop) => loop.stop()));
  };
}

function startLoop(task: PeriodicTask, log: Logger, isStopped: () => boolean) {
  let timer: NodeJS.Timeout | undefined;
  const running = new Set<Promise<void>>();
  const turn = async () => {
    try {
      await task.run();
    } catch (error) {
      log.warn({ err: error, task: task.name }, "periodic task failed");
    }
    if (!task.overlapping) schedule(task.everyMs);
  };
  const schedule = (delayMs: number) => {
    if (isStopped()) return;
    timer = setTimeout(() => {
      const run = turn().finally(() => running.delete(run));
      running.add(run);
      if (task.overlapping) schedule(task.everyMs);
    }, delayMs);
  };
  schedule(Math.min(task.everyMs, 1000));
  return {
    async stop() {
      clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
