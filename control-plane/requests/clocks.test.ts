import { describe, expect, it } from "vitest";
import { dueAt } from "./clocks.ts";
import { LIFE_STATUSES } from "./lifecycle.ts";

const CLOCKS = { ACCEPT_WORKING_DAYS: 3, REVIEW_WORKING_DAYS: 2, APPROVE_WORKING_DAYS: 2, DELIVER_HOURS: 24 };

describe("dueAt", () => {
  it("counts working days in China: a request of Thursday before the holiday has until after it", () => {
    // 2026-09-30 is a Wednesday; 1 to 7 October are holidays, Saturday 10 October is a make-up workday.
    const entered = new Date("2026-09-30T02:00:00.000Z");
    expect(dueAt("submitted", entered, CLOCKS)).toEqual(new Date("2026-10-10T16:00:00.000Z"));
    expect(dueAt("accepted", entered, CLOCKS)).toEqual(new Date("2026-10-09T16:00:00.000Z"));
  });

  it("takes the day in China, not in Greenwich", () => {
    // Already Tuesday in China.
    expect(dueAt("reviewed", new Date("2026-11-16T17:00:00.000Z"), CLOCKS)).toEqual(
      new Date("2026-11-19T16:00:00.000Z"),
    );
  });

  it("counts delivery in hours, also at night", () => {
    const entered = new Date("2026-11-20T20:30:00.000Z");
    expect(dueAt("provisioning", entered, CLOCKS)).toEqual(new Date("2026-11-21T20:30:00.000Z"));
    expect(dueAt("approved", entered, CLOCKS)).toEqual(new Date("2026-11-21T20:30:00.000Z"));
  });

  it("obeys the configuration", () => {
    const entered = new Date("2026-11-16T02:00:00.000Z");
    const hours = dueAt("provisioning", entered, { ...CLOCKS, DELIVER_HOURS: 2 });
    expect(hours).toEqual(new Date("2026-11-16T04:00:00.000Z"));
    const days = dueAt("submitted", entered, { ...CLOCKS, ACCEPT_WORKING_DAYS: 1 });
    expect(days).toEqual(new Date("2026-11-17T16:00:00.000Z"));
  });

  it("has no clock where nobody is waited for", () => {
    const waiting = LIFE_STATUSES.filter(
      (status) => dueAt(status, new Date("2026-11-16T02:00:00.000Z"), CLOCKS) !== null,
    );
    expect(waiting).toEqual(["submitted", "accepted", "reviewed", "approved", "provisioning"]);
  });
});
