import chineseDays from "chinese-days";
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

/** True on working days, with the public holidays and the make-up workdays (调休) the State Council announces. */
export function isWorkingDay(date: string): boolean {
  return chineseDays.isWorkday(date);
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
