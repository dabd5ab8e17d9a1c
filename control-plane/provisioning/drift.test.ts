import { describe, expect, it } from "vitest";
import type { InstanceSpec, ObservedInstance, ObservedTenancy, TenancySpec } from "../../providers/port.ts";
import type { DesiredPlacement } from "./desired.ts";
import { driftOf, isLoss } from "./drift.ts";

const ownership = { installation: "gd", tenancyId: "ten_1", placementId: "plc_1", organizationId: "gd-hrss" };
const spec: TenancySpec = {
  ownership,
  name: "plc-1",
  displayName: "社保",
  pool: "p-1",
  zone: "extranet",
  quota: { VCPU: 8, MEMORY_GIB: 16 },
  accessGroup: "gd-hrss",
  suspended: false,
};
const size = { vcpu: 4, memoryGiB: 8, diskGiB: 50, image: "kylin-v10-sp3" };
const machine: InstanceSpec = { ownership, name: "app-1", ...size, architecture: "kunpeng" };
const desired: DesiredPlacement = { state: "present", tenancy: spec, instances: [machine] };
const tenancy: ObservedTenancy = { ...spec, ref: "r-1", state: "active", isolated: true, message: null };
const shown: ObservedInstance = {
  ref: "i-1",
  tenancyRef: "r-1",
  name: "app-1",
  ownership,
  state: "active",
  ...size,
  message: null,
};

describe("drift", () => {
  it("is nothing where the cloud shows what is desired, also on the way there", () => {
    expect(driftOf(desired, { tenancy, instances: [shown] })).toEqual([]);
    expect(driftOf(desired, { tenancy, instances: [{ ...shown, state: "creating" }] })).toEqual([]);
    expect(driftOf({ state: "absent", name: "plc-1" }, { tenancy: null, instances: [] })).toEqual([]);
  });

  it("names object, field and both values", () => {
    const changed = { ...tenancy, quota: { VCPU: 9, BANDWIDTH_MBPS: 5 }, isolated: false, accessGroup: null };
    const drift = driftOf(desired, { tenancy: changed, instances: [{ ...shown, vcpu: 2, state: "error" }] });
    expect(drift.map((one) => [one.object, one.field, one.desired, one.observed])).toEqual([
      ["tenancy", "isolated", true, false],
      ["tenancy", "accessGroup", "gd-hrss", null],
      ["tenancy", "quota.BANDWIDTH_MBPS", 0, 5],
      ["tenancy", "quota.MEMORY_GIB", 16, 0],
      ["tenancy", "quota.VCPU", 8, 9],
      ["instance:app-1", "vcpu", 4, 2],
      ["instance:app-1", "state", "well", "error"],
    ]);
    expect(isLoss(drift)).toBe(false);
  });

  it("tells what is gone from what is too much", () => {
    expect(isLoss(driftOf(desired, { tenancy: null, instances: [] }))).toBe(true);
    expect(isLoss(driftOf(desired, { tenancy, instances: [] }))).toBe(true);
    const more = driftOf(desired, { tenancy, instances: [shown, { ...shown, name: "by-hand" }] });
    expect(more).toEqual([{ object: "instance:by-hand", field: "exists", desired: false, observed: true }]);
    expect(isLoss(more)).toBe(false);
  });
});
