import { describe, expect, it } from "vitest";
import type { ObservedInstance, ObservedTenancy } from "../../providers/port.ts";
import { groupsOf } from "./instance-groups.ts";
import { matchRules } from "./match.ts";
import { rolesOf } from "./part-roles.ts";
import { RulesError, readRules } from "./rules.ts";

const RULES = `
apiVersion: yunheng/v1
kind: ImportRules
rules:
  - match: { name: "tmp-*" }
    leave: 临时环境
  - match: { name: "{dept}--{app}", displayName: "*(正式)" }
    organization: "gd-{dept}"
    system: { name: "{app}系统", mlpsLevel: 2, dataClass: general }
    until: 2027-12-31
  - match: { accessGroup: "gd-hrss" }
    organization: gd-hrss
    system: { name: 社会保险信息系统, mlpsLevel: 3, dataClass: important }
    pool: provincial-extranet-kunpeng
    claim: quota
    until: 2028-12-31
`;

const shown = (given: Partial<ObservedTenancy>): ObservedTenancy => ({
  ref: "r",
  name: "x",
  ownership: null,
  state: "active",
  displayName: "",
  pool: "",
  zone: null,
  quota: {},
  accessGroup: null,
  isolated: false,
  message: null,
  ...given,
});

describe("rules", () => {
  const rules = readRules("rules.yaml", RULES);
  const matched = (given: Partial<ObservedTenancy>) => matchRules(rules, shown(given));

  it("say whose something is, with words caught from its name; the first that matches counts", () => {
    expect(matched({ name: "tmp-hrss--gate", displayName: "试验(正式)" })).toEqual({ left: "临时环境" });
    expect(matched({ name: "hrss--gate", displayName: "网关(正式)" })).toMatchObject({
      organizationId: "gd-hrss",
      systemName: "gate系统",
      rule: { claim: "usage", environment: "production" },
    });
    expect(matched({ name: "hrss--gate", displayName: "网关" })).toBeNull();
    expect(matched({ accessGroup: "gd-hrss" })).toMatchObject({ systemName: "社会保险信息系统" });
    // A dot is a dot, and half a match is none.
    expect(matched({ accessGroup: "gd-hrss2" })).toBeNull();
  });

  it("are refused with the place where they are wrong", () => {
    const wrong = RULES.replace("mlpsLevel: 2", "mlpsLevel: 7").replace("leave:", "skip:");
    expect(() => readRules("rules.yaml", wrong)).toThrow(RulesError);
    expect(() => readRules("rules.yaml", wrong)).toThrow(/^rules\.yaml:\d+:\d+: /);
    expect(() => readRules("rules.yaml", "rules: [")).toThrow(RulesError);
  });
});

it("instances become groups of equal ones, under names that a request may use", () => {
  const size = { vcpu: 2, memoryGiB: 4, diskGiB: 20, image: "kylin" };
  const one = (name: string, vcpu = 2): ObservedInstance => ({
    ...size,
    vcpu,
    name,
    ref: name,
    tenancyRef: "t",
    ownership: null,
    state: "active",
    message: null,
  });
  const { groups, names } = groupsOf(
    ["app-10", "app-9", "DB_主", "db"].map((name) => one(name)).concat(one("app-1", 8)),
  );
  expect(groups.map(({ name, count, vcpu }) => [name, count, vcpu])).toEqual([
    ["app", 1, 8],
    ["app-2", 2, 2],
    ["db", 1, 2],
    ["db-2", 1, 2],
  ]);
  expect(names["app-2"]).toEqual(["app-9", "app-10"]);
  for (const { name } of groups) expect(name).toMatch(/^[a-z][a-z0-9-]{0,30}$/);
});

it("parts of a tenancy are told apart by what they are", () => {
  const part = (cloudId: string, zone: "internet" | "extranet", vcpu: number, instances = 0) => ({
    cloudId,
    zone,
    amounts: { VCPU: vcpu },
    instances,
  });
  expect(rolesOf([part("gz", "internet", 0), part("gz", "extranet", 8), part("sz", "extranet", 0)])).toEqual([
    "edge",
    "primary",
    "recovery",
  ]);
  expect(rolesOf([part("gz", "internet", 4, 1)])).toEqual(["primary"]);
  expect(
    rolesOf([part("gz", "extranet", 4), part("sz", "extranet", 0), part("zj", "extranet", 0)]),
  ).toBeNull();
});
