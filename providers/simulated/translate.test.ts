import { describe, expect, test } from "vitest";
import type { TenancySpec } from "../port.ts";
import { sameOwner, tenancyPatch, toTenancy, WireTenancy } from "./translate.ts";

const OWNER = { installation: "gd", tenancyId: "ten_1", placementId: "plc_1", organizationId: "org-1" };

const SPEC: TenancySpec = {
  ownership: OWNER,
  name: "t-1",
  displayName: "Social insurance",
  pool: "ext",
  zone: "extranet",
  quota: { VCPU: 8, MEMORY_GIB: 32 },
  accessGroup: "hrss",
  suspended: false,
};

const WIRE: WireTenancy = {
  id: "prj-1",
  name: "t-1",
  displayName: "Social insurance",
  ownership: OWNER,
  state: "active",
  suspended: false,
  pool: "ext",
  zone: "extranet",
  quota: { VCPU: 8, MEMORY_GIB: 32 },
  accessGroup: "hrss",
  ingress: "deny",
  message: null,
};

describe("what has to change", () => {
  test("is nothing when the cloud meets the spec, absent classes being zero", () => {
    expect(tenancyPatch(WIRE, SPEC)).toBeNull();
    expect(tenancyPatch({ ...WIRE, quota: { MEMORY_GIB: 32, VCPU: 8, GPU: 0 } }, SPEC)).toBeNull();
  });

  test.each([
    [{ quota: { VCPU: 8 } }, { quota: SPEC.quota }],
    [{ quota: { ...WIRE.quota, GPU: 1 } }, { quota: SPEC.quota }],
    [{ accessGroup: null }, { accessGroup: "hrss" }],
    [{ ingress: "allow" as const }, { ingress: "deny" }],
    [{ suspended: true }, { suspended: false }],
    [{ displayName: "old" }, { displayName: "Social insurance" }],
  ])("after %j it is %j and nothing else", (drift, patch) => {
    expect(tenancyPatch({ ...WIRE, ...drift }, SPEC)).toEqual(patch);
  });
});

test("an object without a mark, of another installation or another placement is not ours", () => {
  expect(sameOwner(OWNER, OWNER)).toBe(true);
  expect(sameOwner({ ...OWNER, organizationId: "org-2" }, OWNER)).toBe(true);
  expect(sameOwner(null, OWNER)).toBe(false);
  for (const key of ["installation", "tenancyId", "placementId"] as const) {
    expect(sameOwner({ ...OWNER, [key]: "other" }, OWNER)).toBe(false);
  }
});

test("a network that admits what nobody allowed is not isolated", () => {
  expect(toTenancy(WIRE).isolated).toBe(true);
  expect(toTenancy({ ...WIRE, ingress: "allow" }).isolated).toBe(false);
});

test("fields that the cloud adds later are let pass, a state it invents is not", () => {
  expect(WireTenancy.safeParse({ ...WIRE, colour: "blue" }).success).toBe(true);
  expect(WireTenancy.safeParse({ ...WIRE, state: "dreaming" }).success).toBe(false);
});
