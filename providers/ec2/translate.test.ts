import { describe, expect, test } from "vitest";
import {
  gibOf,
  instructionSet,
  mibOf,
  OUR_GROUP,
  toImage,
  toInstance,
  toNetworks,
  toTenancy,
} from "./translate.ts";

const MARK = [
  { Key: "yunheng:installation", Value: "gd" },
  { Key: "yunheng:tenancy", Value: "ten_1" },
  { Key: "yunheng:placement", Value: "plc_1" },
  { Key: "yunheng:organization", Value: "org" },
];
const VPC = { VpcId: "vpc-1", State: "available" as const, CidrBlock: "10.0.0.0/16", Tags: MARK };
const SUBNETS = [{ SubnetId: "subnet-1" }];
const GROUPS = [{ GroupId: "sg-1", GroupName: OUR_GROUP, VpcId: "vpc-1" }];
const SIZE = {
  name: "m.large",
  vcpu: 2,
  memoryMiB: 3_840,
  architectures: ["x86_64"],
  burstable: false,
  current: true,
};

describe("quantities", () => {
  test.each([
    [0, 0],
    [1, 1],
    [512, 1],
    [1_024, 1],
    [1_025, 2],
    [3_840, 4],
    [4_096, 4],
    [1_048_576, 1_024],
  ])("%i MiB count as %i GiB", (mebibytes, gibibytes) => {
    expect(gibOf(mebibytes)).toBe(gibibytes);
  });

  test("whole GiB come back as they went", () => {
    for (const gibibytes of [1, 3, 7, 24_576]) expect(gibOf(mibOf(gibibytes))).toBe(gibibytes);
  });

  test("a GiB is not a GB", () => {
    expect(mibOf(1)).toBe(1_024);
    expect(gibOf(1_000)).toBe(1);
    expect(gibOf(2_000)).toBe(2);
    expect(gibOf(2_049)).toBe(3);
  });

  test("disks are summed, memory is rounded up, options of the processor count before its type", () => {
    const instance = { InstanceId: "i-1", CpuOptions: { CoreCount: 1, ThreadsPerCore: 1 } };
    const seen = toInstance(instance, SIZE, [{ Size: 20 }, { Size: 5 }]);
    expect(seen).toMatchObject({ vcpu: 1, memoryGiB: 4, diskGiB: 25 });
    expect(toInstance({ InstanceId: "i-1" }, SIZE, []).vcpu).toBe(2);
  });
});

describe("a tenancy", () => {
  const stateOf = (changes: object) =>
    toTenancy({ vpc: { ...VPC, ...changes }, subnets: SUBNETS, groups: GROUPS }).state;
  const tagged = (...keys: string[]) => ({ Tags: [...MARK, ...keys.map((Key) => ({ Key, Value: "true" }))] });

  test("is creating only while the cloud itself works on it", () => {
    expect(stateOf({})).toBe("active");
    expect(stateOf({ State: "pending" })).toBe("creating");
    expect(stateOf(tagged("yunheng:suspended"))).toBe("suspended");
  });

  test("that is not complete, or half removed, is an error: nobody but a repeat goes on with it", () => {
    const site = { vpc: VPC, subnets: SUBNETS, groups: GROUPS };
    expect(toTenancy({ ...site, subnets: [] })).toMatchObject({
      state: "error",
      message: "it has no subnet",
    });
    expect(toTenancy({ ...site, groups: [] }).state).toBe("error");
    expect(stateOf(tagged("yunheng:removing"))).toBe("error");
  });

  test("of nobody is judged by no rules of ours", () => {
    const vpc = { ...VPC, Tags: [] };
    expect(toTenancy({ vpc, subnets: [], groups: [] })).toMatchObject({
      name: "vpc-1",
      ownership: null,
      state: "active",
      pool: "",
      zone: null,
      quota: {},
      accessGroup: null,
    });
  });

  test("with a part of a mark is nobody's", () => {
    const vpc = { ...VPC, Tags: MARK.slice(1) };
    expect(toTenancy({ vpc, subnets: SUBNETS, groups: GROUPS }).ownership).toBeNull();
  });

  test("remembers its quota, and counts what is unreadable as nothing", () => {
    const Tags = [
      ...MARK,
      { Key: "yunheng:quota:VCPU", Value: "16" },
      { Key: "yunheng:quota:GPU", Value: "many" },
    ];
    const { quota } = toTenancy({ vpc: { ...VPC, Tags }, subnets: SUBNETS, groups: GROUPS });
    expect(quota).toEqual({ VCPU: 16, GPU: 0 });
  });

  test("shares its networks' isolation with them", () => {
    const open = { ...GROUPS[0], IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }] };
    const site = { vpc: VPC, subnets: SUBNETS, groups: [open] };
    expect(toTenancy(site).isolated).toBe(false);
    expect(toNetworks(site)).toEqual([
      { ref: "subnet-1", tenancyRef: "vpc-1", name: "subnet-1", isolated: false },
    ]);
  });
});

describe("an instance", () => {
  const resizing = [{ Key: "yunheng:resizing", Value: "true" }];
  test.each([
    ["pending", [], "creating"],
    ["running", [], "active"],
    ["stopping", [], "active"],
    ["stopped", [], "stopped"],
    ["stopping", resizing, "creating"],
    ["stopped", resizing, "pending"],
    ["shutting-down", [], "removing"],
    ["terminated", [], "removing"],
  ] as const)("%s with %j is %s", (Name, Tags, state) => {
    const instance = { InstanceId: "i-1", State: { Name }, Tags: [...Tags] };
    expect(toInstance(instance, undefined, []).state).toBe(state);
  });

  test("in a state that nobody knows is an error", () => {
    expect(toInstance({ InstanceId: "i-1" }, undefined, []).state).toBe("error");
  });

  test("without an id cannot be read", () => {
    expect(() => toInstance({}, undefined, [])).toThrow(
      expect.objectContaining({ vendorCode: "unreadable_reply" }),
    );
  });
});

test("processors go by their instruction sets", () => {
  expect(["kunpeng", "phytium", "hygon", "intel", "loongson"].map(instructionSet)).toEqual([
    "arm64",
    "arm64",
    "x86_64",
    "x86_64",
    "loongson",
  ]);
  expect(toImage({ ImageId: "ami-1", Architecture: "x86_64" })).toEqual({
    ref: "ami-1",
    name: "ami-1",
    architecture: "amd64",
  });
});
