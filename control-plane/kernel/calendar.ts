import announced from "chinese-days/dist/chinese-days.json" with { type: "json" };
import { DAY_MS } from "./clock.ts";

/** The whole country keeps one civil time, without daylight saving. */
const CHINA_OFFSET_MS = 8 * 60 * 60 * 1000;

/** The civil date in China, as `YYYY-MM-DD`. */
export function chinaDate(at: Date): string {
  return new Date(at.getTime() + CHINA_OFFSET_MS).toISOString().slice(0, 10);
}

/** The first instant of a civil date in China. */
export function startOfChinaDate(date: string): Date {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) - CHINA_OFFSET_MS);
}

/** The first instant after a civil date in China. */
export function endOfChinaDate(date: string): Date {
  return new Date(startOfChinaDate(date).getTime() + DAY_MS);
}

// The package's data, not its functions: those shift by a day on a server west of Greenwich.
const HOLIDAYS = new Set(Object.keys(announced.holidays));
const MAKE_UP_WORKDAYS = new Set(Object.keys(announced.workdays));

/**
 * Last year whose holidays and make-up workdays are known. The State Council announces a year
 * in the November before; until the calendar package is updated, later years count plain weekdays.
 */
export const HOLIDAYS_KNOWN_THROUGH = Math.max(...[...HOLIDAYS].map((date) => Number(date.slice(0, 4))));

/**
 * True on working days, with the public holidays and the make-up workdays (调休) the State Council announces.
 * Known from 2004 to `HOLIDAYS_KNOWN_THROUGH`. In other years every Monday to Friday is a working day,
 * so that a deadline across a holiday not yet announced comes out too early. `RangeError` for no date.
 */
export function isWorkingDay(date: string): boolean {
  if (MAKE_UP_WORKDAYS.has(date)) return true;
  if (HOLIDAYS.has(date)) return false;
  const weekday = new Date(`${date}T00:00:00.000Z`).getUTCDay();
  if (Number.isNaN(weekday)) throw new RangeError(`not a date: ${date}`);
  return weekday >= 1 && weekday <= 5;
}

/**
 * The end of the n-th working day after the day `from` falls in.
 * The day something arrives does not count, as published service promises have it.
 */
export function workingDaysAfter(from: Date, days: number): Date {
  let date = chinaDate(from);
  for (let left = days; left > 0; ) {
    date = chinaDate(endOfChinaDate(date));
    if (isWorkingDay(date)) left -= 1;
  }
  return endOfChinaDate(date);
}

/** Whole days from the first to the last date, both counted. */
export function daysInclusive(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
}

export function dayAfter(date: string): string {
  return daysAfter(date, 1);
}

export function daysAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}
