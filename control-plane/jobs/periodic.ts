import type { Logger } from "pino";

export interface PeriodicTask {
  readonly name: string;
  readonly everyMs: number;
  /** Idempotent, and safe to run in several processes at once. */
  readonly run: () => Promise<unknown>;
}

/** Runs tasks again and again, each after its own last run has ended; a failure is logged and tried next time. */
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
  let running: Promise<void> = Promise.resolve();
  const turn = async () => {
    try {
      await task.run();
    } catch (error) {
      log.warn({ err: error, task: task.name }, "periodic task failed");
    }
    schedule(task.everyMs);
  };
  const schedule = (delayMs: number) => {
    if (isStopped()) return;
    timer = setTimeout(() => {
      running = turn();
    }, delayMs);
  };
  schedule(Math.min(task.everyMs, 1000));
  return {
    async stop() {
      clearTimeout(timer);
      await running;
    },
  };
}
