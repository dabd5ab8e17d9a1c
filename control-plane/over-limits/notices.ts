import { DAY_MS, plus } from "../kernel/clock.ts";

/** Days before the end of a grace period on which a notice goes out, and one at its beginning. */
const NOTICE_DAYS = [30, 14, 7, 3, 1] as const;

export interface Notice {
  readonly at: string;
  readonly daysLeft: number;
}

/** Whole days that are left, a day that has begun included; 0 when the time is over. */
export function daysLeft(until: Date, now: Date): number {
  return Math.max(0, Math.ceil((until.getTime() - now.getTime()) / DAY_MS));
}

/** The notice that is due now: the last step of the ladder that has come and of which nobody has heard. */
export function dueNotice(until: Date, since: Date, given: readonly Notice[], now: Date): Notice | null {
  const last = given.at(-1);
  const notice = { at: now.toISOString(), daysLeft: daysLeft(until, now) };
  if (last === undefined) return notice;
  const heard = new Date(last.at);
  const steps = NOTICE_DAYS.map((days) => plus(until, -days * DAY_MS)).filter((step) => step > since);
  return steps.some((step) => step <= now && step > heard) ? notice : null;
}
