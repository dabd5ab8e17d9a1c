import { describe, expect, it } from "vitest";
import { type CloudId, knownId, type OrganizationId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import { partsToHold } from "./parts-to-hold.ts";
import { type Plan, type PlannedPart, planHash } from "./plan.ts";

const PART: PlannedPart = {
  role: "primary",
  cloudId: knownId<CloudId>("main"),
  poolId: knownId<PoolId>("main-kunpeng"),
  quotaNodeId: knownId<QuotaNodeId>("gd.main.gd-hrss"),
  zone: "extranet",
  architecture: "kunpeng",
  amounts: { VCPU: 8, MEMORY_GIB: 16 },
  before: {},
};

const PLAN: Plan = {
  kind: "create",
  organizationId: knownId<OrganizationId>("gd-hrss"),
  tenancyId: null,
  system: { name: "社保系统", mlpsLevel: 3, dataClass: "important" },
  environment: "production",
  parts: [PART],
  instances: [{ name: "app", count: 2, vcpu: 4, memoryGiB: 8, diskGiB: 100, image: "kylin-v10-sp3" }],
  resources: { VCPU: 8, MEMORY_GIB: 16 },
  term: { start: "2026-12-01", end: "2027-11-30" },
  outcome: "needs_approval",
  policyDigest: "digest",
  verdicts: [{ policyId: "core/preapproved-size", policyVersion: 1, action: "require-approval" }],
  approvers: [{ role: "approver", scope: "cloud" }],
  price: { currency: "CNY", priceListId: "prices", monthlyFen: 100, items: [] },
  dataExport: null,
};

/** The same value with the keys of every object in the opposite order. */
function reversed<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed) as Value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversed(inner)])) as Value;
}

interface Leaf {
  readonly path: string;
  readonly changed: unknown;
}

/** The value once for each of its leaves, with only that leaf changed. */
function withOneLeafChanged(value: unknown, path = ""): Leaf[] {
  if (Array.isArray(value)) {
    const inside = value.flatMap((item, index) =>
      withOneLeafChanged(item, `${path}.${index}`).map((leaf) => ({
        ...leaf,
        changed: value.with(index, leaf.changed),
      })),
    );
    return [...inside, { path: `${path}.length`, changed: [...value, value[0] ?? "more"] }];
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) =>
      withOneLeafChanged(inner, `${path}.${key}`).map((leaf) => ({
        ...leaf,
        changed: { ...value, [key]: leaf.changed },
      })),
    );
  }
  if (typeof value === "number") return [{ path, changed: value + 1 }];
  return [{ path, changed: `${value}!` }];
}

describe("planHash", () => {
  it("names its algorithm", () => {
    expect(planHash(PLAN)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("does not depend on the order of keys", () => {
    expect(planHash(reversed(PLAN))).toBe(planHash(PLAN));
  });

  it.each(withOneLeafChanged(PLAN))("changes with $path", ({ changed }) => {
    expect(planHash(changed as Plan)).not.toBe(planHash(PLAN));
  });

  it("survives the way through the database", () => {
    expect(planHash(JSON.parse(JSON.stringify(PLAN)))).toBe(planHash(PLAN));
  });
});

describe("partsToHold", () => {
  const held = (amounts: PlannedPart["amounts"], before: PlannedPart["before"]) =>
    partsToHold({ ...PLAN, parts: [{ ...PART, amounts, before }] }, 30).map((part) => part.amounts);

  it("is everything for a new tenancy, and only the growth of a change", () => {
    expect(held({ VCPU: 8 }, {})).toEqual([{ VCPU: 8 }]);
    expect(held({ VCPU: 12, MEMORY_GIB: 8 }, { VCPU: 8, MEMORY_GIB: 16 })).toEqual([{ VCPU: 4 }]);
  });

  it("is nothing where nothing grows", () => {
    expect(held({ VCPU: 4 }, { VCPU: 8 })).toEqual([]);
    expect(held({ VCPU: 8 }, { VCPU: 8 })).toEqual([]);
  });
});
