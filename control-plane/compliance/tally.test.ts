import { expect, it } from "vitest";
import { NO_COUNTS, scoreOf, sumOf, Tally } from "./tally.ts";

it("counts what is exempted apart from its verdict", () => {
  const tally = new Tally();
  const exemption = { id: "exm_1", category: "Waiver" as const, expiresOn: "2026-12-31" };
  tally.add("a", { verdict: "fail", exemption });
  tally.add("a", { verdict: "fail", exemption: null });
  tally.add("b", { verdict: "pass", exemption: null });
  expect(tally.of("a")).toEqual({ ...NO_COUNTS, fail: 1, exempted: 1 });
  expect(sumOf(tally.entries().map(([, counts]) => counts))).toEqual({
    ...NO_COUNTS,
    pass: 1,
    fail: 1,
    exempted: 1,
  });
});

it("scores what applies, half for a part, nothing for what nobody can tell", () => {
  expect(scoreOf(NO_COUNTS)).toBeNull();
  expect(scoreOf({ ...NO_COUNTS, not_applicable: 9, exempted: 3 })).toBeNull();
  expect(scoreOf({ ...NO_COUNTS, pass: 2, partial: 1, fail: 1, not_applicable: 50, exempted: 7 })).toBe(625);
  expect(scoreOf({ ...NO_COUNTS, pass: 1, insufficient_evidence: 2 })).toBe(333);
});
