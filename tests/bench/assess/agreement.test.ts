import { expect, test } from "vitest";
import { BatchJudge } from "../../../control-plane/compliance/batch-judge.ts";
import { OutcomeTable } from "../../../control-plane/compliance/outcome-table.ts";
import { bufbuildCel, cedar, celSubject } from "./engines.ts";
import { BENCH_RULES, benchPolicies } from "./rules.ts";
import { subjectsOf } from "./subjects.ts";

const { bySubject } = benchPolicies();
const outcomes = new OutcomeTable();
const judges = {
  tenancy: new BatchJudge("tenancy", bySubject.tenancy, outcomes),
  resource: new BatchJudge("resource", bySubject.resource, outcomes),
};

// A baseline that says something else is none.
test("all engines find the same rules not kept", () => {
  const [cel, cedarEngine] = [bufbuildCel(), cedar()];
  const failing = new Set<string>();
  for (let n = 1; n <= 150; n += 1) {
    for (const subject of subjectsOf(n)) {
      const numbers: number[] = [];
      judges[subject.about].judge(subject.facts, true, numbers);
      const own = numbers
        .map((at) => outcomes.at(at))
        .filter(({ verdict }) => verdict === "fail")
        .map(({ controlId }) => controlId)
        .sort();
      expect(cel(celSubject(subject)).sort()).toEqual(own);
      expect(cedarEngine(subject).sort()).toEqual(own);
      for (const id of own) failing.add(id);
    }
  }
  expect(failing.size).toBeGreaterThan(15);
  expect(BENCH_RULES).toHaveLength(60);
});
