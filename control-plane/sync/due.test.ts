import { expect, it } from "vitest";
import { MINUTE_MS, plus } from "../kernel/clock.ts";
import { isDue } from "./due.ts";

const LAST = new Date("2026-11-20T02:00:00.000Z");
const PERIOD = 10 * MINUTE_MS;
const due = (cloudId: string, minutes: number) =>
  isDue({ cloudId, attemptedAt: LAST }, plus(LAST, minutes * MINUTE_MS), PERIOD);

it("comes once in a period, a tenth earlier or later, spread over the clouds", () => {
  const clouds = Array.from({ length: 100 }, (_, index) => `cloud-${index}`);
  expect(clouds.some((cloud) => due(cloud, 8.9))).toBe(false);
  expect(clouds.every((cloud) => due(cloud, 11.1))).toBe(true);
  const early = clouds.filter((cloud) => due(cloud, 10)).length;
  expect(early).toBeGreaterThan(25);
  expect(early).toBeLessThan(75);
});

it("comes at once where nobody has looked yet", () => {
  expect(isDue({ cloudId: "new", attemptedAt: null }, LAST, PERIOD)).toBe(true);
});
