import fc from "fast-check";
import { expect, test } from "vitest";
import { knownId, type OrganizationId } from "../../../control-plane/kernel/ids.ts";
import type { RequestFacts } from "../../../control-plane/policy/facts.ts";
import { plainJudgeOf } from "../../../control-plane/policy/plain-judge.fixture.ts";
import { deliberate } from "../../../control-plane/requests/deliberate.ts";
import { placedIn } from "../../../control-plane/requests/placed-in.ts";
import { provinceOf } from "./province.ts";
import { requestMix } from "./requests.ts";
import { sixtyRules } from "./rules.ts";

const now = new Date("2026-11-20T02:00:00Z");

/** Any province, any request: the decision, every failing rule, every refusal and the plan are those of the plain way. */
test("decides like the baseline that asks every rule about every pool", async () => {
  const set = await sixtyRules();
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
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(shapes, fc.array(asked, { minLength: 1, maxLength: 3 }), (shape, requests) => {
      const snapshot = provinceOf(shape);
      for (const { request, recovery, architectures, zones, addresses } of requests) {
        const facts: RequestFacts = {
          ...request,
          recovery: { ...request.recovery, class: recovery },
          requirements: { ...request.requirements, architectures },
          network: { ...request.network, zones },
          resources: { ...request.resources, PUBLIC_IPV4: addresses },
        };
        const organizationId = knownId<OrganizationId>(snapshot.organization.id);
        const question = {
          organizationId,
          facts,
          tenancyId: null,
          existing: null,
          ownHold: [],
          dataExport: null,
        };
        const decided = (placed: ReturnType<typeof placedIn>) =>
          deliberate(set, snapshot, null, question, placed, now);
        const own = decided(placedIn(set, snapshot, question));
        const plain = decided(placedIn(set, snapshot, question, plainJudgeOf(set)));
        expect(JSON.stringify(own)).toBe(JSON.stringify(plain));
        outcomes.add(own.decision.outcome);
      }
    }),
    { numRuns: 30 },
  );
  expect([...outcomes].sort()).toEqual(["allowed", "denied", "needs_approval"]);
}, 120_000);
