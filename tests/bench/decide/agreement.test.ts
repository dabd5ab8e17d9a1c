import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { knownId, type OrganizationId } from "../../../control-plane/kernel/ids.ts";
import type { RequestFacts } from "../../../control-plane/policy/facts.ts";
import { plainJudgeOf } from "../../../control-plane/policy/plain-judge.fixture.ts";
import type { PolicySet } from "../../../control-plane/policy/policy-set.ts";
import { deliberate, placedIn } from "../../../control-plane/requests/deliberate.ts";
import { provinceOf } from "./province.ts";
import { requestMix } from "./requests.ts";
import { sixtyRules } from "./rules.ts";

const now = new Date("2026-11-20T02:00:00Z");

/** The decision, every failing rule, every refusal and the plan are those of the plain way. */
describe("decides like the baseline that asks every rule about every pool", () => {
  let set: PolicySet;
  beforeAll(async () => {
    set = await sixtyRules();
  });

  test("for any province and any request", () => {
    const shapes = fc.record({
      clouds: fc.integer({ min: 1, max: 24 }),
      pools: fc.integer({ min: 1, max: 90 }),
    });
    const asked = fc.record({
      request: fc.constantFrom(...requestMix().map(({ request }) => request)),
      recovery: fc.constantFrom("none", "local", "same_city", "remote"),
      architectures: fc.constantFrom<string[][]>([], ["kunpeng"], ["loongson"], ["intel", "hygon"]),
      zones: fc.constantFrom<string[][]>(["extranet"], ["dedicated"], ["internet", "extranet"]),
      addresses: fc.constantFrom(0, 4),
    });
    fc.assert(
      fc.property(shapes, fc.array(asked, { minLength: 1, maxLength: 3 }), (shape, requests) => {
        const snapshot = provinceOf(shape);
        for (const { request, recovery, architectures, zones, addresses } of requests) {
          decidedAlike(set, snapshot, {
            ...request,
            recovery: { ...request.recovery, class: recovery },
            requirements: { ...request.requirements, architectures },
            network: { ...request.network, zones },
            resources: { ...request.resources, PUBLIC_IPV4: addresses },
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  test("where it allows, asks for approval, and denies", () => {
    const snapshot = provinceOf({ clouds: 8, pools: 40 });
    const outcomes = requestMix().map(({ request }) => decidedAlike(set, snapshot, request));
    expect(new Set(outcomes)).toEqual(new Set(["allowed", "needs_approval", "denied"]));
  });
});

function decidedAlike(set: PolicySet, snapshot: ReturnType<typeof provinceOf>, facts: RequestFacts) {
  const organizationId = knownId<OrganizationId>(snapshot.organization.id);
  const question = { organizationId, facts, tenancyId: null, existing: null, ownHold: [], dataExport: null };
  const decided = (placed: ReturnType<typeof placedIn>) =>
    deliberate(set, snapshot, null, question, placed, now);
  const own = decided(placedIn(set, snapshot, question));
  const plain = decided(placedIn(set, snapshot, question, plainJudgeOf(set)));
  expect(JSON.stringify(own)).toBe(JSON.stringify(plain));
  return own.decision.outcome;
}
