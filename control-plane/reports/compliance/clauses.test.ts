import { expect, it } from "vitest";
import { ruleOf } from "../../compliance/assessment.fixture.ts";
import { controlOf } from "../../compliance/control.ts";
import { NO_COUNTS } from "../../compliance/tally.ts";
import type { Verdict } from "../../compliance/verdict.ts";
import { clausesOf } from "./clauses.ts";

const summaryOf = (id: string, clause: string, verdict: Verdict) => {
  const control = controlOf(ruleOf({ id, subject: "cloud", validations: ["true"] }));
  const basis = [{ standard: "GB/T 22239-2019", clause }];
  return { control: { ...control, basis }, counts: NO_COUNTS, verdict };
};
const verdictOf = (...verdicts: Verdict[]) =>
  clausesOf(verdicts.map((verdict, at) => summaryOf(`rule-${at}`, "8.1.2", verdict)))[0]?.verdict;

it("takes a clause for kept in part where its rules differ, and otherwise for the worst of them", () => {
  expect(verdictOf("pass", "not_applicable")).toBe("pass");
  expect(verdictOf("pass", "insufficient_evidence")).toBe("insufficient_evidence");
  expect(verdictOf("fail", "insufficient_evidence")).toBe("fail");
  expect(verdictOf("fail", "pass")).toBe("partial");
  expect(verdictOf("not_applicable")).toBe("not_applicable");
});

it("puts clauses into the order of their numbers", () => {
  const clauses = ["8.1.10", "8.1.2", "8.1.2.1"].map((clause, at) => summaryOf(`rule-${at}`, clause, "pass"));
  expect(clausesOf(clauses).map(({ clause }) => clause)).toEqual(["8.1.2", "8.1.2.1", "8.1.10"]);
});
