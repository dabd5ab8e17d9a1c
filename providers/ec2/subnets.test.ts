import { expect, test } from "vitest";
import { quartersOf, subnetFor } from "./subnets.ts";

test.each([
  ["10.0.0.0/16", ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"]],
  [
    "192.168.255.192/26",
    ["192.168.255.192/28", "192.168.255.208/28", "192.168.255.224/28", "192.168.255.240/28"],
  ],
  ["172.31.252.0/22", ["172.31.252.0/24", "172.31.253.0/24", "172.31.254.0/24", "172.31.255.0/24"]],
])("%s in quarters", (cidr, quarters) => {
  expect(quartersOf(cidr)).toEqual(quarters);
});

const POOL = { availabilityZones: ["a", "b"], architecture: "arm64" as const, total: {} };
const SUBNETS = [
  { SubnetId: "subnet-2", AvailabilityZone: "b" },
  { SubnetId: "subnet-3", AvailabilityZone: "a" },
  { SubnetId: "subnet-1", AvailabilityZone: "a" },
  { SubnetId: "subnet-0", AvailabilityZone: "c" },
];

test("instances spread over the pool's zones, each in the same one every time", () => {
  const chosen = Array.from({ length: 40 }, (_, index) => subnetFor(SUBNETS, POOL, `app-${index}`)?.SubnetId);
  expect(new Set(chosen)).toEqual(new Set(["subnet-1", "subnet-2"]));
  expect(subnetFor([...SUBNETS].reverse(), POOL, "app-7")).toEqual(subnetFor(SUBNETS, POOL, "app-7"));
});

test("without a subnet in the pool's zones there is none", () => {
  expect(subnetFor([{ SubnetId: "subnet-0", AvailabilityZone: "c" }], POOL, "app-1")).toBeUndefined();
});
