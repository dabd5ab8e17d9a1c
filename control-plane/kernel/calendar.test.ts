import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chinaDate,
  daysInclusive,
  endOfChinaDate,
  HOLIDAYS_KNOWN_THROUGH,
  isWorkingDay,
  startOfChinaDate,
  workingDaysAfter,
} from "./calendar.ts";
import { DAY_MS } from "./clock.ts";

/** The dates from `first` to `last` that are working days. */
function workingDaysIn(first: string, last: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const date = new Date(at).toISOString().slice(0, 10);
    if (isWorkingDay(date)) days.push(date);
  }
  return days;
}

const deadline = (from: string, days: number): string => workingDaysAfter(new Date(from), days).toISOString();

describe("working days", () => {
  it("skip the National Day week of 2026 and include its two make-up days", () => {
    expect(workingDaysIn("2026-09-19", "2026-09-20")).toEqual(["2026-09-20"]);
    expect(workingDaysIn("2026-09-30", "2026-10-11")).toEqual([
      "2026-09-30",
      "2026-10-08",
      "2026-10-09",
      "2026-10-10",
    ]);
  });

  it("skip the Spring Festival of 2026 and include its two make-up Saturdays", () => {
    expect(workingDaysIn("2026-02-13", "2026-03-01")).toEqual([
      "2026-02-13",
      "2026-02-14",
      "2026-02-24",
      "2026-02-25",
      "2026-02-26",
      "2026-02-27",
      "2026-02-28",
    ]);
  });

  it("are plain weekdays in a year that is not announced yet, and only there", () => {
    const holidays = (year: number) => 261 - workingDaysIn(`${year}-01-01`, `${year}-12-31`).length;
    expect(HOLIDAYS_KNOWN_THROUGH).toBeGreaterThanOrEqual(2026);
    expect(holidays(HOLIDAYS_KNOWN_THROUGH)).toBeGreaterThan(10);
    // 260 to 262 weekdays, by the day the year begins with.
    expect(Math.abs(holidays(HOLIDAYS_KNOWN_THROUGH + 1))).toBeLessThanOrEqual(1);
  });

  it("do not depend on the time zone of the server", () => {
    const script = `const { isWorkingDay } = await import(${JSON.stringify(new URL("calendar.ts", import.meta.url).href)});
      console.log(["2026-09-20", "2026-10-07", "2026-10-08", "2026-02-28"].map(isWorkingDay).join());`;
    for (const TZ of ["Asia/Shanghai", "UTC", "America/Los_Angeles", "Pacific/Kiritimati"]) {
      const child = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
        env: { PATH: "", TZ },
      });
      expect(`${TZ} ${child.stdout}`).toBe(`${TZ} true,false,true,true\n`);
    }
  });

  it("refuse what is no date", () => {
    expect(() => isWorkingDay("soon")).toThrow(RangeError);
  });
});

describe("a deadline", () => {
  it("is the end of the n-th working day in China, not counting the day of arrival", () => {
    // Monday 09:00 in China; three working days end with Thursday.
    expect(deadline("2026-11-02T01:00:00.000Z", 3)).toBe("2026-11-05T16:00:00.000Z");
  });

  it("counts from the Chinese date, which begins at 16:00 UTC", () => {
    expect(deadline("2026-11-02T15:59:59.999Z", 1)).toBe("2026-11-03T16:00:00.000Z");
    expect(deadline("2026-11-02T16:00:00.000Z", 1)).toBe("2026-11-04T16:00:00.000Z");
  });

  it("crosses the National Day week, with the Saturday that is worked", () => {
    expect(deadline("2026-09-30T02:00:00.000Z", 3)).toBe("2026-10-10T16:00:00.000Z");
  });

  it("crosses the Spring Festival", () => {
    expect(deadline("2026-02-13T02:00:00.000Z", 2)).toBe("2026-02-24T16:00:00.000Z");
  });

  it("of zero days is the end of the day itself", () => {
    expect(deadline("2026-11-01T02:00:00.000Z", 0)).toBe("2026-11-01T16:00:00.000Z");
  });

  it("never moves back when days are added or time passes", () => {
    const instant = fc.date({
      min: new Date("2025-01-01"),
      max: new Date("2027-06-01"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, fc.nat(30), fc.nat(20 * DAY_MS), (from, days, later) => {
        const due = workingDaysAfter(from, days).getTime();
        expect(workingDaysAfter(from, days + 1).getTime()).toBeGreaterThan(due);
        expect(workingDaysAfter(new Date(from.getTime() + later), days).getTime()).toBeGreaterThanOrEqual(
          due,
        );
      }),
    );
  });
});

describe("civil dates", () => {
  it("begin and end at midnight in China", () => {
    expect(startOfChinaDate("2026-03-01").toISOString()).toBe("2026-02-28T16:00:00.000Z");
    expect(chinaDate(startOfChinaDate("2026-03-01"))).toBe("2026-03-01");
    expect(chinaDate(new Date(endOfChinaDate("2026-03-01").getTime() - 1))).toBe("2026-03-01");
    expect(chinaDate(endOfChinaDate("2024-02-28"))).toBe("2024-02-29");
  });

  it("count both ends of a term", () => {
    expect(daysInclusive("2026-12-01", "2027-11-30")).toBe(365);
    expect(daysInclusive("2024-02-28", "2024-03-01")).toBe(3);
    expect(daysInclusive("2026-12-01", "2026-12-01")).toBe(1);
    expect(daysInclusive("2026-12-02", "2026-12-01")).toBe(0);
  });
});
