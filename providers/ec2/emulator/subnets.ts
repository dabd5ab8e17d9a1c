import { filtered } from "./filters.ts";
import { pageOf } from "./pages.ts";
import type { Params } from "./params.ts";
import { overlap, rangeOf } from "./ranges.ts";
import type { SubnetRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT, newId, type Scene, visible } from "./scene.ts";
import { givenTags, tagSet } from "./tags.ts";
import { vpcIn } from "./vpcs.ts";
import type { Xml, XmlFields } from "./xml.ts";

export function createSubnet(scene: Scene, params: Params): XmlFields {
  const vpc = vpcIn(scene, params.required("VpcId"));
  const cidr = params.required("CidrBlock");
  const zone = params.text("AvailabilityZone") ?? scene.cloud.zones[0]?.name ?? "";
  if (!scene.cloud.zones.some(({ name }) => name === zone)) {
    const message = `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${scene.cloud.zones.map(({ name }) => name).join(", ")}.`;
    throw new Refusal("InvalidParameterValue", message);
  }
  const [range, whole] = [rangeOf(cidr), rangeOf(vpc.cidr)];
  if (range.first < whole.first || range.last > whole.last) {
    throw new Refusal("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
  }
  const neighbours = [...scene.tables.subnet.values()].filter((subnet) => subnet.vpcId === vpc.id);
  if (neighbours.some((subnet) => overlap(rangeOf(subnet.cidr), range))) {
    throw new Refusal("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
  }
  const id = newId("subnet");
  const subnet = { id, createdAt: scene.now, vpcId: vpc.id, zone, cidr, tags: givenTags(params, "subnet") };
  scene.put("subnet", id, subnet);
  return { subnet: subnetView(subnet) };
}

export function describeSubnets(scene: Scene, params: Params): XmlFields {
  const found = filtered(visible(scene, scene.tables.subnet), params, (subnet, filter) => {
    if (filter === "vpc-id") return [subnet.vpcId];
    if (filter === "subnet-id") return [subnet.id];
    return filter === "availability-zone" ? [subnet.zone] : undefined;
  });
  const page = pageOf(found, params);
  return { subnetSet: page.rows.map(subnetView), nextToken: page.nextToken };
}

export function deleteSubnet(scene: Scene, params: Params): XmlFields {
  const { id } = subnetIn(scene, params.required("SubnetId"));
  const used = [...scene.tables.instance.values()].some(
    (instance) => instance.subnetId === id && instance.state !== "terminated",
  );
  if (used) {
    const message = `The subnet '${id}' has dependencies and cannot be deleted.`;
    throw new Refusal("DependencyViolation", message);
  }
  scene.put("subnet", id, null);
  return { return: true };
}

export function subnetIn(scene: Scene, id: string): SubnetRecord {
  const subnet = scene.tables.subnet.get(id);
  if (subnet !== undefined) return subnet;
  throw new Refusal("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
}

function subnetView(subnet: SubnetRecord): Xml {
  return {
    subnetId: subnet.id,
    state: "available",
    vpcId: subnet.vpcId,
    cidrBlock: subnet.cidr,
    availableIpAddressCount: 2 ** (32 - rangeOf(subnet.cidr).prefix) - 5,
    availabilityZone: subnet.zone,
    defaultForAz: false,
    mapPublicIpOnLaunch: false,
    ownerId: ACCOUNT,
    tagSet: tagSet(subnet.tags),
  };
}
