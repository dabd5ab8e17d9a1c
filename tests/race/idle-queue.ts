import type { Queue } from "../../control-plane/jobs/queue.ts";

/** Nobody carries anything out: the race is about what is promised. */
export const IDLE_QUEUE: Queue = {
  enqueue: async () => undefined,
  wake: async () => undefined,
  forget: async () => undefined,
};
