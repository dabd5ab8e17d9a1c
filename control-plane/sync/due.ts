import { digestOf } from "../kernel/hash.ts";

interface LastAttempt {
  readonly cloudId: string;
  readonly attemptedAt: Date | null;
}

/** Part of the period by which a turn may come earlier or later, so that clouds are not all asked at once. */
const JITTER = 0.2;

/** True once it is a cloud's turn; the jitter follows from cloud and last turn, so every worker sees the same. */
export function isDue({ cloudId, attemptedAt }: LastAttempt, now: Date, periodMs: number): boolean {
  if (attemptedAt === null) return true;
  const lot = Number.parseInt(digestOf([cloudId, attemptedAt.toISOString()]).slice(0, 8), 16) / 0xffffffff;
  const pauseMs = periodMs * (1 + JITTER * (lot - 0.5));
  return now.getTime() - attemptedAt.getTime() >= pauseMs;
}
