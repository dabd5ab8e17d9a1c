import type { Verdict } from "../../compliance/verdict.ts";
import type { ControlSummary } from "./content.ts";

/** What the controls with one clause as their basis come to together. */
export interface ClauseVerdict {
  readonly standard: string;
  readonly clause: string;
  readonly rules: readonly string[];
  readonly verdict: Verdict;
}

/** The worse a verdict, the more it says about its clause. */
const WEIGHT: Readonly<Record<Verdict, number>> = {
  fail: 4,
  partial: 3,
  insufficient_evidence: 2,
  pass: 1,
  not_applicable: 0,
};

/** Verdicts by standard and clause; of controls that differ the clause is kept in part. */
export function clausesOf(controls: readonly ControlSummary[]): ClauseVerdict[] {
  const clauses = new Map<string, ControlSummary[]>();
  for (const summary of controls) {
    for (const { standard, clause = "" } of summary.control.basis) {
      const key = `${standard}\n${clause}`;
      clauses.set(key, [...(clauses.get(key) ?? []), summary]);
    }
  }
  return [...clauses]
    .map(([key, all]) => {
      const [standard = "", clause = ""] = key.split("\n");
      return { standard, clause, rules: all.map(({ control }) => control.rule), verdict: togetherOf(all) };
    })
    .sort((left, right) => compare(left, right));
}

function togetherOf(all: readonly ControlSummary[]): Verdict {
  const verdicts = new Set(all.map(({ verdict }) => verdict));
  const [worst = "not_applicable"] = [...verdicts].sort((left, right) => WEIGHT[right] - WEIGHT[left]);
  return worst === "fail" && (verdicts.has("pass") || verdicts.has("partial")) ? "partial" : worst;
}

/** 8.1.2 before 8.1.10. */
function compare(left: ClauseVerdict, right: ClauseVerdict): number {
  return (
    left.standard.localeCompare(right.standard, "en") ||
    left.clause.localeCompare(right.clause, "en", { numeric: true })
  );
}
