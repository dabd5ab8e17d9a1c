import { describe, expect, it } from "vitest";
import { type CloudId, knownId, type PoolId } from "../kernel/ids.ts";
import { type Refusal, type RefusalCode, refusal } from "../placement/refusal.ts";
import type { Violation as PolicyViolation } from "../policy/evaluate.ts";
import { blockingViolations, type Seat, violationOf } from "./violations.ts";

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

const basis = [{ standard: "GB/T 22239-2019", clause: "8.2.2.1a" }];

function blocking(refusals: readonly Refusal[], seats: readonly Seat[] = []) {
  return blockingViolations(refusals, seats, (id) =>
    id === "mlps-floor" ? { version: 7, basis } : undefined,
  );
}

const rules = (refusals: readonly Refusal[], seats: readonly Seat[] = []) =>
  blocking(refusals, seats).map(({ ruleId }) => ruleId);

const seat = (cloudId: string, poolId: string, role: Seat["role"] = "primary"): Seat => ({
  role,
  cloudId,
  poolId,
});

describe("blockingViolations", () => {
  it("names what stands in the way on every pool of a cloud", () => {
    const found = [
      refused("a", "a1", "capacity.insufficient", { dimension: "VCPU" }),
      refused("a", "a1", "pool.suspended"),
      refused("a", "a2", "capacity.insufficient", { dimension: "VCPU" }),
    ];
    expect(rules(found, [seat("a", "a1"), seat("a", "a2")])).toEqual(["capacity.insufficient"]);
  });

  it("names all reasons where each pool has its own", () => {
    const found = [refused("a", "a1", "pool.suspended"), refused("a", "a2", "capacity.insufficient")];
    expect(rules(found)).toEqual(["pool.suspended", "capacity.insufficient"]);
  });

  it("keeps silent about a pool where others were free of its reason", () => {
    const found = [
      refused("a", null, "policy.denied", { policyId: "recovery-site", ruleId: "P10-REMOTE" }),
      refused("a", "a2", "policy.denied", { policyId: "mlps-floor", ruleId: "P1" }),
    ];
    expect(rules(found, [seat("a", "a1"), seat("a", "a2")])).toEqual(["P10-REMOTE"]);
  });

  it("speaks of the recovery site only where none was found", () => {
    const copy = { ...refused("b", "b1", "pool.suspended"), role: "recovery" as const };
    const full = refused("a", "a1", "capacity.insufficient", { dimension: "VCPU" });
    const nowhere = { ...refused("a", null, "recovery.unplaceable"), role: "recovery" as const };
    const seats = [seat("a", "a1"), seat("b", "b1", "recovery")];
    expect(rules([full, copy], seats)).toEqual(["capacity.insufficient"]);
    expect(rules([nowhere, copy], seats)).toEqual(["recovery.unplaceable", "pool.suspended"]);
    expect(rules([nowhere, copy], [...seats, seat("b", "b2", "recovery")])).toEqual(["recovery.unplaceable"]);
  });

  it("names every validation of one rule that stands in the way", () => {
    const said = (en: string) => ({
      ...refused("a", "a1", "policy.denied", { policyId: "mlps-floor", ruleId: "P1" }),
      message: { zh: "等级", en },
    });
    expect(blocking([said("cloud"), said("pool"), said("pool")], [seat("a", "a1")])).toHaveLength(2);
  });

  it("tells shortages of different classes apart", () => {
    const found = [
      refused("a", "a1", "capacity.insufficient", { dimension: "VCPU" }),
      refused("a", "a2", "capacity.insufficient", { dimension: "GPU" }),
    ];
    expect(blocking(found)).toHaveLength(2);
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
    expect(blocking([refused("a", null, "cloud.stale")])).not.toEqual([]);
  });

  it("gives a shortage with its figures and a policy with what it saw", () => {
    const [shortage] = blocking([
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
    const [policy] = blocking([
      refused("a", "a1", "policy.denied", {
        policyId: "mlps-floor",
        ruleId: "P1",
        actual: 2,
        required: 3,
      }),
    ]);
    expect(policy).toMatchObject({ policyId: "mlps-floor", policyVersion: 7, ruleId: "P1", basis });
    expect(policy).toMatchObject({ actual: 2, required: 3 });
    const [other] = blocking([
      refused("a", "a1", "architecture.mismatch", { actual: "intel", required: ["kunpeng"] }),
    ]);
    expect(other).toMatchObject({ actual: "intel", required: ["kunpeng"], basis: [] });
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
      exemption: null,
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
