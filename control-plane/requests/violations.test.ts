import { describe, expect, it } from "vitest";
import { type CloudId, knownId, type PoolId } from "../kernel/ids.ts";
import { type Refusal, type RefusalCode, refusal } from "../placement/refusal.ts";
import type { Violation as PolicyViolation } from "../policy/evaluate.ts";
import { blockingViolations, violationOf } from "./violations.ts";

function refused(
  cloud: string,
  pool: string | null,
  code: RefusalCode,
  figures: Partial<Refusal> = {},
): Refusal {
  const place = {
    cloudId: knownId<CloudId>(cloud),
    poolId: pool === null ? null : knownId<PoolId>(pool),
    role: "primary" as const,
  };
  return refusal(place, code, { zh: `${code}`, en: `${code} ${cloud} ${pool}` }, figures);
}

const rules = (refusals: readonly Refusal[]) => blockingViolations(refusals).map(({ ruleId }) => ruleId);

describe("blockingViolations", () => {
  it("names what stands in the way on every pool of a cloud", () => {
    const found = [
      refused("a", "a1", "capacity.insufficient", { dimension: "VCPU" }),
      refused("a", "a1", "pool.suspended"),
      refused("a", "a2", "capacity.insufficient", { dimension: "VCPU" }),
    ];
    expect(rules(found)).toEqual(["capacity.insufficient"]);
  });

  it("names all reasons where each pool has its own", () => {
    const found = [refused("a", "a1", "pool.suspended"), refused("a", "a2", "capacity.insufficient")];
    expect(rules(found)).toEqual(["pool.suspended", "capacity.insufficient"]);
  });

  it("tells shortages of different classes apart", () => {
    const found = [
      refused("a", "a1", "capacity.insufficient", { dimension: "VCPU" }),
      refused("a", "a2", "capacity.insufficient", { dimension: "GPU" }),
    ];
    expect(blockingViolations(found)).toHaveLength(2);
  });

  it("keeps silent about clouds and pools that were not asked for", () => {
    const found = [
      refused("other", null, "cloud.not_eligible"),
      refused("a", "a-internet", "zone.unavailable"),
      refused("a", "a-internet", "pool.suspended"),
      refused("a", "a1", "quota.exceeded", { dimension: "VCPU" }),
    ];
    expect(rules(found)).toEqual(["quota.exceeded"]);
  });

  it("says so where nothing was in the running at all", () => {
    expect(
      rules([refused("a", null, "cloud.not_requested"), refused("b", null, "cloud.not_eligible")]),
    ).toEqual(["cloud.not_requested", "cloud.not_eligible"]);
    expect(rules([refused("a", "a1", "zone.unavailable")])).toEqual(["zone.unavailable"]);
  });

  it("says the same of two clouds once", () => {
    expect(rules([refused("a", null, "cloud.suspended"), refused("b", null, "cloud.suspended")])).toEqual([
      "cloud.suspended",
    ]);
  });

  it("never leaves a refused request without a reason", () => {
    expect(blockingViolations([refused("a", null, "cloud.stale")])).not.toEqual([]);
  });

  it("gives a shortage with its figures and a policy with what it saw", () => {
    const [shortage] = blockingViolations([
      refused("a", "a1", "capacity.insufficient", {
        dimension: "VCPU",
        limit: 10,
        used: 4,
        held: 5,
        missing: 3,
      }),
    ]);
    expect(shortage).toMatchObject({
      policyId: "placement",
      severity: "deny",
      actual: { dimension: "VCPU", limit: 10, used: 4, held: 5 },
      required: { dimension: "VCPU", missing: 3 },
    });
    const [policy] = blockingViolations([
      refused("a", "a1", "policy.denied", {
        policyId: "core/mlps-floor",
        ruleId: "P1",
        actual: 2,
        required: 3,
      }),
    ]);
    expect(policy).toMatchObject({ policyId: "core/mlps-floor", ruleId: "P1", actual: 2, required: 3 });
  });
});

describe("violationOf", () => {
  it("calls the policy's action its severity", () => {
    const found: PolicyViolation = {
      pack: "core",
      policyId: "core/x",
      policyVersion: 2,
      ruleId: "X1",
      validationId: "a",
      action: "warn",
      severity: "low",
      basis: [{ standard: "local" }],
      title: { zh: "题", en: "title" },
      message: { zh: "甲", en: "a" },
      actual: 1,
      required: 2,
      approvers: [],
      assessment: "automatic",
      remediation: null,
      error: null,
    };
    expect(violationOf(found)).toEqual({
      policyId: "core/x",
      policyVersion: 2,
      ruleId: "X1",
      severity: "warn",
      basis: [{ standard: "local" }],
      message: { zh: "甲", en: "a" },
      actual: 1,
      required: 2,
    });
  });
});
