import { describe, expect, test } from "vitest";
import {
  fromLimit,
  fromPlacement,
  gibDown,
  gibUp,
  instructionSet,
  memoryFromLimit,
  memoryLimit,
  stateOf,
  toInstance,
  toLimit,
  toMib,
  UNLIMITED,
} from "./translate.ts";
import { WireServer } from "./wire.ts";

describe("memory", () => {
  test.each([
    [0, 0],
    [1, 1_024],
    [64, 65_536],
    [1_048_576, 1_073_741_824],
  ])("%i GiB are %i MiB, and back", (gib, mib) => {
    expect(toMib(gib)).toBe(mib);
    expect(gibUp(mib)).toBe(gib);
    expect(gibDown(mib)).toBe(gib);
  });

  test("parts of a GiB are never lost from what is used, nor found in what there is", () => {
    expect([gibUp(1), gibUp(1_023), gibUp(1_025)]).toEqual([1, 1, 2]);
    expect([gibDown(1), gibDown(1_023), gibDown(2_047)]).toEqual([0, 0, 1]);
  });

  test.each([-1, 0.0001, Number.MAX_SAFE_INTEGER, Number.NaN])("%d GiB is no amount", (gib) => {
    expect(() => toMib(gib)).toThrow(expect.objectContaining({ kind: "Invalid" }));
  });
});

describe("limits", () => {
  test("no limit is -1 there and the largest number here", () => {
    expect([fromLimit(-1), memoryFromLimit(-1)]).toEqual([UNLIMITED, UNLIMITED]);
    expect([toLimit(UNLIMITED), memoryLimit(UNLIMITED)]).toEqual([-1, -1]);
  });

  test("nothing is 0 and not unlimited", () => {
    expect([fromLimit(0), toLimit(0), memoryLimit(0), memoryFromLimit(0)]).toEqual([0, 0, 0, 0]);
  });

  test("a limit between two GiB shows as more than the lower, so that drift is seen", () => {
    expect(memoryFromLimit(51_200)).toBe(50);
    expect(memoryFromLimit(51_201)).toBe(51);
  });
});

test("Placement's classes become ours; what nobody plans with is left out", () => {
  const classes = { VCPU: 8, PCPU: 4, MEMORY_MB: 4_097, DISK_GB: 100, VGPU: 2, SRIOV_NET_VF: 6 };
  expect(fromPlacement(classes, gibUp)).toEqual({ VCPU: 12, MEMORY_GIB: 5, BLOCK_STORAGE_GIB: 100, GPU: 2 });
});

test.each([
  ["kunpeng", "aarch64"],
  ["Phytium", "aarch64"],
  ["hygon", "x86_64"],
  ["loongson", "loongarch64"],
  ["sw_64", "sw_64"],
])("%s runs %s", (family, set) => {
  expect(instructionSet(family)).toBe(set);
});

test.each([
  ["ACTIVE", null, "active"],
  ["ACTIVE", "resize_prep", "creating"],
  ["ACTIVE", "powering-off", "active"],
  ["ACTIVE", "deleting", "removing"],
  ["BUILD", "spawning", "creating"],
  ["RESIZE", "resize_migrating", "creating"],
  ["VERIFY_RESIZE", null, "pending"],
  ["SHUTOFF", null, "stopped"],
  ["SHELVED_OFFLOADED", null, "stopped"],
  ["ERROR", null, "error"],
  ["ERROR", "deleting", "removing"],
  ["SOFT_DELETED", null, "removing"],
  ["REBUILD", null, "creating"],
] as const)("a server that is %s with task %s is %s", (status, task, state) => {
  expect(stateOf({ status, "OS-EXT-STS:task_state": task })).toBe(state);
});

test("a server that was made by hand has no owner, and one from a volume no image", () => {
  const wire = WireServer.parse({
    id: "s",
    name: "db",
    status: "ACTIVE",
    tenant_id: "p",
    created: "2026-01-01T00:00:00Z",
    metadata: { purpose: "old" },
    image: "",
    flavor: { vcpus: 1, ram: 512, disk: 0 },
    "OS-EXT-STS:task_state": null,
  });
  expect(toInstance(wire)).toMatchObject({ ownership: null, image: "", memoryGiB: 1, diskGiB: 0 });
});
