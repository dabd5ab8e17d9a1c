import fc from "fast-check";
import { expect, it } from "vitest";
import { DEFAULT_FACTS } from "../policy/default-facts.ts";
import { assess } from "../policy/evaluate.ts";
import { policySetOf } from "../policy/policy-set.ts";
import { ruleOf } from "./assessment.fixture.ts";
import { BatchJudge } from "./batch-judge.ts";
import { OutcomeTable } from "./outcome-table.ts";

const set = policySetOf([
  ruleOf({ id: "marked", subject: "resource", validations: ["resource.marked"] }),
  ruleOf({
    id: "sized",
    subject: "resource",
    match: 'request.environment == "production" && request.system.mlpsLevel >= 2',
    validations: ["resource.vcpu <= 16 && resource.memoryGiB <= resource.vcpu * 8", "resource.diskGiB >= 40"],
  }),
  ruleOf({ id: "zoned", subject: "resource", validations: ["resource.zone in request.network.zones"] }),
  ruleOf({ id: "pooled", subject: "resource", validations: ['!("old" in pool.traits)'] }),
  ruleOf({ id: "broken", subject: "resource", validations: ["100 / resource.vcpu < 90"] }),
]);

const requests = fc.record({
  environment: fc.constantFrom("production" as const, "test" as const),
  mlpsLevel: fc.integer({ min: 1, max: 4 }),
  zones: fc.constantFrom<string[][]>(["extranet"], ["internet"], ["extranet", "internet"]),
});
const resources = fc.record({
  marked: fc.boolean(),
  vcpu: fc.integer({ min: 0, max: 20 }),
  memoryGiB: fc.integer({ min: 1, max: 200 }),
  diskGiB: fc.integer({ min: 1, max: 80 }),
  zone: fc.constantFrom("extranet", "internet"),
});
const scenes = fc.array(
  fc.record({
    request: requests,
    resource: resources,
    traits: fc.constantFrom<string[][]>([], ["old"], ["ssd", "old"]),
  }),
  { minLength: 1, maxLength: 30 },
);

it("says of each resource what every rule says of it when it is asked by itself", () => {
  const outcomes = new OutcomeTable();
  const judge = new BatchJudge("resource", set.bySubject.resource, outcomes);
  fc.assert(
    fc.property(scenes, (scene) => {
      for (const { request, resource, traits } of scene) {
        const { mlpsLevel, zones, environment } = request;
        const facts = {
          ...DEFAULT_FACTS,
          request: {
            ...DEFAULT_FACTS.request,
            environment,
            system: { ...DEFAULT_FACTS.request.system, mlpsLevel },
            network: { zones, internetExposed: false },
          },
          pool: { ...DEFAULT_FACTS.pool, traits },
          resource: { ...DEFAULT_FACTS.resource, ...resource },
        };
        const numbers: number[] = [];
        judge.judge(facts, true, numbers);
        const said = new Map(
          numbers.map((number) => {
            const { controlId, verdict, shortfalls } = outcomes.at(number);
            const failing = shortfalls.map(({ validationId, error }) => [validationId, error]);
            return [controlId, [verdict === "partial" ? "fail" : verdict, failing]];
          }),
        );
        const plain = new Map(
          assess(set, "resource", facts).map(({ policy, verdict, violations }) => [
            policy.document.metadata.id,
            [verdict, violations.map(({ validationId, error }) => [validationId, error])],
          ]),
        );
        expect(said).toEqual(plain);
      }
    }),
  );
});

it("lacks evidence of what was never observed, where the rule applies at all", () => {
  const judge = new BatchJudge("resource", set.bySubject.resource);
  const outcomes = new OutcomeTable();
  const own = new BatchJudge("resource", set.bySubject.resource, outcomes);
  const facts = { ...DEFAULT_FACTS, request: { ...DEFAULT_FACTS.request, environment: "test" as const } };
  const numbers: number[] = [];
  own.judge(facts, false, numbers);
  const verdicts = new Map(numbers.map((at) => [outcomes.at(at).controlId, outcomes.at(at).verdict]));
  expect(verdicts.get("sized")).toBe("not_applicable");
  expect(verdicts.get("marked")).toBe("insufficient_evidence");
  const again: number[] = [];
  judge.judge(facts, true, again);
  expect(again).toHaveLength(numbers.length);
});

it("goes on rightly after it has forgotten what it knew", () => {
  const outcomes = new OutcomeTable();
  const judge = new BatchJudge("resource", set.bySubject.resource, outcomes);
  const verdictAt = (diskGiB: number) => {
    const numbers: number[] = [];
    judge.judge({ ...DEFAULT_FACTS, resource: { ...DEFAULT_FACTS.resource, diskGiB } }, true, numbers);
    return numbers.map((at) => outcomes.at(at)).find(({ controlId }) => controlId === "sized")?.verdict;
  };
  // More different sizes than one column of numbers holds.
  for (let diskGiB = 0; diskGiB < 70_000; diskGiB += 1) {
    const verdict = verdictAt(diskGiB);
    if (diskGiB >= 40 !== (verdict === "pass")) throw new Error(`${diskGiB} GiB: ${verdict}`);
  }
  expect([verdictAt(39), verdictAt(40)]).toEqual(["partial", "pass"]);
});
