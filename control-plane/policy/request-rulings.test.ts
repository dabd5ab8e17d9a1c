import fc from "fast-check";
import { expect, test } from "vitest";
import { requestMix } from "../../tests/bench/decide/requests.ts";
import { sixtyRules } from "../../tests/bench/decide/rules.ts";
import { evaluate } from "./evaluate.ts";
import { requestViolations } from "./request-rulings.ts";

test("what rules have said of requests before is what they say of equal ones, in the same words and order", async () => {
  const set = await sixtyRules();
  const request = fc.record({
    asked: fc.constantFrom(...requestMix().map((one) => one.request)),
    level: fc.integer({ min: 1, max: 4 }),
    dataClass: fc.constantFrom("general", "important", "core"),
    approvalNo: fc.constantFrom("", "粤数政务〔2026〕1号"),
    reuse: fc.constantFrom<string[][]>([], ["unified-identity"]),
    sector: fc.constantFrom("health", "education"),
  });
  const outcomes = new Set<number>();
  fc.assert(
    fc.property(request, ({ asked, level, dataClass, approvalNo, reuse, sector }) => {
      const facts = {
        today: "2026-11-20",
        request: {
          ...asked,
          system: { ...asked.system, mlpsLevel: level, dataClass },
          projectApprovalNo: approvalNo,
          capabilities: { ...asked.capabilities, reuse },
        },
        organization: { id: "o", kind: "department", level: "city" as const, jurisdiction: "440100", sector },
      };
      const said = requestViolations(set, facts);
      expect(said).toEqual(evaluate(set, "request", facts));
      outcomes.add(said.length);
    }),
    { numRuns: 300 },
  );
  expect(outcomes.size).toBeGreaterThan(2);
});
