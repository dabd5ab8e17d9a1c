import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_FACTS } from "./default-facts.ts";
import { approversOf, evaluate, outcomeOf } from "./evaluate.ts";
import type { PlacementFacts } from "./facts.ts";
import { loadPolicies } from "./load.ts";
import { mergeFacts } from "./merge-facts.ts";
import type { PolicySet } from "./policy-set.ts";
import { formatTestResults, testPacks } from "./test-packs.ts";

let set: PolicySet;
beforeAll(async () => {
  set = await loadPolicies(["policies"]);
});

function judged(facts: PlacementFacts) {
  return [...evaluate(set, "request", facts), ...evaluate(set, "placement", facts)];
}

describe("policies/core", () => {
  it("passes its own cases", async () => {
    const results = await testPacks("policies");
    expect(formatTestResults(results)).not.toMatch(/FAIL/);
    expect(results.ok).toBe(true);
  });

  it("covers the placement rules P1 to P14", () => {
    const codes = new Set(set.policies.map(({ document }) => document.metadata.rule));
    const wanted = Array.from({ length: 14 }, (_, index) => `P${index + 1}`);
    expect(wanted.filter((code) => !codes.has(code))).toEqual([]);
  });

  it("states how placement ranks", () => {
    expect(set.preferences?.locality).toEqual(["own_city", "provincial", "sector_industry"]);
  });

  it("sends the large provincial system to an approver of the cloud, and warns of the near recovery site", () => {
    const violations = judged(DEFAULT_FACTS);
    expect(violations.map(({ ruleId, validationId }) => [ruleId, validationId])).toEqual([
      ["Q1", "vcpu"],
      ["Q1", "memory"],
      ["Q1", "block-storage"],
      ["P10-DISTANCE", null],
    ]);
    expect(outcomeOf(violations)).toBe("needs_approval");
    expect(approversOf(violations)).toEqual([{ role: "approver", scope: "cloud" }]);
  });

  it("lets a small test system pass by itself", () => {
    const facts = mergeFacts(DEFAULT_FACTS, {
      request: {
        environment: "test",
        projectApprovalNo: "",
        system: { mlpsLevel: 2, dataClass: "general", filingNo: "" },
        resources: { VCPU: 8, MEMORY_GIB: 32, BLOCK_STORAGE_GIB: 200 },
        recovery: { class: "none", pairJurisdiction: "" },
        capabilities: { reuse: [] },
      },
      pool: { mlpsLevel: 2 },
      recovery: { cloudId: "", poolId: "", jurisdiction: "", country: "", distanceKm: 0, mlpsLevel: 0 },
    });
    expect(judged(facts)).toEqual([]);
  });

  it("lets anybody leave, from wherever and however large", () => {
    const facts = mergeFacts(DEFAULT_FACTS, {
      request: {
        kind: "release",
        projectApprovalNo: "",
        system: { mlpsLevel: 4, dataClass: "secret", filingNo: "" },
        resources: { GPU: 99, PUBLIC_IPV4: 9 },
        network: { zones: ["internet", "extranet"], internetExposed: true },
        term: { days: 9999 },
        capabilities: { reuse: [] },
      },
      cloud: { country: "SG", mlpsLevel: 1, securityAssessmentValidUntil: "" },
      pool: { xinchuang: false, tenantIsolation: false, encryption: false, reservePercent: 0 },
      fit: { capacity: false, quota: false },
    });
    expect(judged(facts)).toEqual([]);
  });

  it("lets a large system renew without asking for its size again", () => {
    expect(judged(mergeFacts(DEFAULT_FACTS, { request: { kind: "renew" } }))).toEqual([]);
  });
});
