import { workingDaysAfter } from "../kernel/calendar.ts";
import { HOUR_MS, plus } from "../kernel/clock.ts";
import type { LifeStatus } from "./lifecycle.ts";

/** Lengths of the published service promises; defaults are those of Huangshan and Ordos (see docs). */
export interface ClockSettings {
  readonly ACCEPT_WORKING_DAYS: number;
  readonly REVIEW_WORKING_DAYS: number;
  readonly APPROVE_WORKING_DAYS: number;
  readonly DELIVER_HOURS: number;
}

/** When the step that a request has just entered must be done; null where nobody is waited for. */
export function dueAt(status: LifeStatus, entered: Date, clocks: ClockSettings): Date | null {
  switch (status) {
    case "submitted":
      return workingDaysAfter(entered, clocks.ACCEPT_WORKING_DAYS);
    case "accepted":
      return workingDaysAfter(entered, clocks.REVIEW_WORKING_DAYS);
    case "reviewed":
      return workingDaysAfter(entered, clocks.APPROVE_WORKING_DAYS);
    case "approved":
    case "provisioning":
      return plus(entered, clocks.DELIVER_HOURS * HOUR_MS);
    default:
      return null;
  }
}
