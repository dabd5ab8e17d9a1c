import { daysAfter } from "../kernel/calendar.ts";
import type { Severity } from "../policy/schema.ts";

/** Calendar days from the day a finding was first seen, or opened again. */
const DAYS: Readonly<Record<Severity, number>> = { high: 15, medium: 30, low: 90 };

export function dueOn(severity: Severity, day: string): string {
  return daysAfter(day, DAYS[severity]);
}
