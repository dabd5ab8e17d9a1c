import { describe, expect, it } from "vitest";
import type { Grant } from "../authz/scope.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { outstanding, requirementKey, requirementsMetBy } from "./approving.ts";
import type { RequiredApprover } from "./plan.ts";

const PLACE = { organizationPath: "/gd/gd-hrss/", cloudId: knownId<CloudId>("main") };

const province: Grant = { role: "approver", scopeKind: "province", scopeId: "", organizationPath: "" };
const cloud = (id: string): Grant => ({
  role: "approver",
  scopeKind: "cloud",
  scopeId: id,
  organizationPath: "",
});
const organization = (path: string): Grant => ({
  role: "approver",
  scopeKind: "organization",
  scopeId: "gd",
  organizationPath: path,
});

const ofProvince: RequiredApprover = { role: "approver", scope: "province" };
const ofCloud: RequiredApprover = { role: "approver", scope: "cloud" };
const ofOrganization: RequiredApprover = { role: "approver", scope: "organization" };
const ALL = [ofProvince, ofCloud, ofOrganization];

function met(...grants: Grant[]) {
  return requirementsMetBy({ accountId: null, name: "", organizationId: null, grants }, ALL, PLACE);
}

describe("requirementsMetBy", () => {
  it("lets the province's approver meet every requirement of the role", () => {
    expect(met(province)).toEqual(ALL);
  });

  it("keeps an approver of one cloud to that cloud", () => {
    expect(met(cloud("main"))).toEqual([ofCloud]);
    expect(met(cloud("other"))).toEqual([]);
  });

  it("keeps an approver of a subtree to that subtree", () => {
    expect(met(organization("/gd/"))).toEqual([ofOrganization]);
    expect(met(organization("/gd/gd-hr/"))).toEqual([]);
  });

  it("asks for the role itself, not for another one with a wide scope", () => {
    expect(
      met({ ...province, role: "provincial_operator" }, { ...province, role: "system_administrator" }),
    ).toEqual([]);
  });

  it("meets nothing for a role that does not exist", () => {
    const actor = { accountId: null, name: "", organizationId: null, grants: [province] };
    expect(requirementsMetBy(actor, [{ role: "finance", scope: "province" }], PLACE)).toEqual([]);
  });

  it("meets no cloud's requirement for a plan that lands nowhere", () => {
    const actor = { accountId: null, name: "", organizationId: null, grants: [cloud("main")] };
    expect(requirementsMetBy(actor, ALL, { ...PLACE, cloudId: null })).toEqual([]);
  });
});

describe("outstanding", () => {
  it("is what nobody has met yet", () => {
    expect(outstanding(ALL, new Set([requirementKey(ofCloud)]))).toEqual([ofProvince, ofOrganization]);
    expect(outstanding(ALL, new Set(ALL.map(requirementKey)))).toEqual([]);
  });
});
