import { filtered } from "./filters.ts";
import { pageOf } from "./pages.ts";
import type { Params } from "./params.ts";
import { rangeOf } from "./ranges.ts";
import type { VpcRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, newId, type Scene, visible } from "./scene.ts";
import { givenTags, tagSet } from "./tags.ts";
import type { Xml, XmlFields } from "./xml.ts";

export function createVpc(scene: Scene, params: Params): XmlFields {
  const cidr = params.required("CidrBlock");
  const { prefix } = rangeOf(cidr);
  if (prefix < 16 || prefix > 28) {
    throw new Refusal("InvalidVpc.Range", `The CIDR '${cidr}' is invalid.`);
  }
  if (scene.tables.vpc.size >= scene.cloud.vpcsMax) {
    throw new Refusal("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
  }
  const vpc: VpcRecord = {
    id: newId("vpc"),
    createdAt: scene.now,
    cidr,
    readyAt: scene.now + scene.delayMs(),
    tags: givenTags(params, "vpc"),
  };
  scene.put("vpc", vpc.id, vpc);
  const id = newId("sg");
  scene.put("group", id, {
    id,
    createdAt: scene.now,
    vpcId: vpc.id,
    name: "default",
    description: "default VPC security group",
    ingress: [{ protocol: "-1", from: null, to: null, kind: "group", source: id }],
    tags: {},
  });
  return { vpc: vpcView(scene, vpc) };
}

export function describeVpcs(scene: Scene, params: Params): XmlFields {
  const ids = params.texts("VpcId");
  for (const id of ids) vpcIn(scene, id);
  const named = visible(scene, scene.tables.vpc).filter((vpc) => ids.length === 0 || ids.includes(vpc.id));
  const found = filtered(named, params, (vpc, filter) => {
    if (filter === "vpc-id") return [vpc.id];
    if (filter === "cidr" || filter === "cidr-block") return [vpc.cidr];
    return filter === "state" ? [stateOf(scene, vpc)] : undefined;
  });
  const page = pageOf(found, params);
  return { vpcSet: page.rows.map((vpc) => vpcView(scene, vpc)), nextToken: page.nextToken };
}

/** What is inside holds it, but for the default group, which goes with it. */
export function deleteVpc(scene: Scene, params: Params): XmlFields {
  const { id } = vpcIn(scene, params.required("VpcId"));
  const groups = [...scene.tables.group.values()].filter((group) => group.vpcId === id);
  const holds =
    [...scene.tables.subnet.values()].some((subnet) => subnet.vpcId === id) ||
    groups.some((group) => group.name !== "default");
  if (holds) {
    const message = `The vpc '${id}' has dependencies and cannot be deleted.`;
    throw new Refusal("DependencyViolation", message);
  }
  for (const group of groups) scene.put("group", group.id, null);
  scene.put("vpc", id, null);
  return { return: true };
}

export function vpcIn(scene: Scene, id: string): VpcRecord {
  const vpc = scene.tables.vpc.get(id);
  if (vpc === undefined) throw new Refusal("InvalidVpcID.NotFound", `VpcID {'${id}'} does not exist.`);
  return vpc;
}

function stateOf(scene: Scene, vpc: VpcRecord): string {
  return scene.now < vpc.readyAt ? "pending" : "available";
}

function vpcView(scene: Scene, vpc: VpcRecord): Xml {
  return {
    vpcId: vpc.id,
    ownerId: ACCOUNT,
    state: stateOf(scene, vpc),
    cidrBlock: vpc.cidr,
    dhcpOptionsId: "default",
    instanceTenancy: "default",
    isDefault: false,
    tagSet: tagSet(vpc.tags),
  };
}
