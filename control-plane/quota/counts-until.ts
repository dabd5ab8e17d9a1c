import { daysAfter } from "../kernel/calendar.ts";

/** The first day on which a tenancy is taken to be gone: after its term, and the time in which it is wiped. */
export function countsUntil(termEnd: string, retentionDays: number): string {
  return daysAfter(termEnd, retentionDays + 1);
}
