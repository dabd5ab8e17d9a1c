import type { DelayRange } from "../../emulation/kind.ts";

export interface Tasks {
  /** Runs the task after the controllers' delay, or several times that, once, however often it is asked for. */
  soon(key: string, run: () => void, times?: number): void;
  stop(): void;
}

/** `delay` is how long a controller takes to notice a change and to act. */
export function openTasks(delay: DelayRange, onDefect: (error: unknown) => void): Tasks {
  const waiting = new Map<string, NodeJS.Timeout>();
  let turn = 0;
  return {
    soon(key, run, times = 1) {
      if (waiting.has(key)) return;
      // Not by chance: the same run is to go the same way twice.
      turn = (turn + 7) % 11;
      const timer = setTimeout(
        () => {
          waiting.delete(key);
          try {
            run();
          } catch (error) {
            onDefect(error);
          }
        },
        times * (delay.min + ((delay.max - delay.min) * turn) / 10),
      );
      timer.unref();
      waiting.set(key, timer);
    },
    stop() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
