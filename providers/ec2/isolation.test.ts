import { expect, test } from "vitest";
import { admitsStrangers, isWithin, openIngress } from "./isolation.ts";

const VPC = { VpcId: "vpc-1", CidrBlock: "10.0.0.0/16" };
const OWN = { GroupId: "sg-1", GroupName: "web", VpcId: "vpc-1", OwnerId: "1" };
const rule = (sources: object) => ({ IpProtocol: "tcp", FromPort: 443, ToPort: 443, ...sources });

test.each([
  ["everywhere", { IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
  ["a neighbour's network", { IpRanges: [{ CidrIp: "10.1.0.0/24" }] }],
  ["more than the own network", { IpRanges: [{ CidrIp: "10.0.0.0/15" }] }],
  ["any IPv6", { Ipv6Ranges: [{ CidrIpv6: "::/0" }] }],
  ["a list of prefixes", { PrefixListIds: [{ PrefixListId: "pl-1" }] }],
  ["a group of another network", { UserIdGroupPairs: [{ GroupId: "sg-9", UserId: "1", VpcId: "vpc-9" }] }],
  ["a group of another account", { UserIdGroupPairs: [{ GroupId: "sg-9", UserId: "9" }] }],
])("%s is a stranger", (_, sources) => {
  const group = { ...OWN, IpPermissions: [rule(sources)] };
  expect(admitsStrangers(group, VPC)).toBe(true);
  expect(openIngress(group, VPC)).toEqual([expect.objectContaining(sources)]);
});

test.each([
  ["the own network", { IpRanges: [{ CidrIp: "10.0.64.0/18" }] }],
  ["a group inside", { UserIdGroupPairs: [{ GroupId: "sg-2", UserId: "1", VpcId: "vpc-1" }] }],
])("%s is not", (_, sources) => {
  expect(admitsStrangers({ ...OWN, IpPermissions: [rule(sources)] }, VPC)).toBe(false);
});

test("only what lets strangers in is taken from a rule", () => {
  const IpRanges = [{ CidrIp: "10.0.1.0/24" }, { CidrIp: "0.0.0.0/0" }];
  const [open] = openIngress({ ...OWN, IpPermissions: [rule({ IpRanges })] }, VPC);
  expect(open?.IpRanges).toEqual([{ CidrIp: "0.0.0.0/0" }]);
});

test("the default group lets in nobody at all", () => {
  const UserIdGroupPairs = [{ GroupId: "sg-1", UserId: "1", VpcId: "vpc-1" }];
  const group = { ...OWN, GroupName: "default", IpPermissions: [rule({ UserIdGroupPairs })] };
  expect(admitsStrangers(group, VPC)).toBe(true);
});

test.each([
  ["10.0.0.0/16", "10.0.0.0/16", true],
  ["10.0.255.255/32", "10.0.0.0/16", true],
  ["10.1.0.0/32", "10.0.0.0/16", false],
  ["0.0.0.0/0", "10.0.0.0/16", false],
  ["::/0", "10.0.0.0/16", false],
])("%s within %s: %s", (inner, outer, within) => {
  expect(isWithin(inner, outer)).toBe(within);
});
