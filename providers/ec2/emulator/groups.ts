import { filtered } from "./filters.ts";
import { pageOf } from "./pages.ts";
import type { Params } from "./params.ts";
import type { GroupRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { rulesIn, rulesView, sameRule } from "./rules.ts";
import { ACCOUNT, newId, type Scene, visible } from "./scene.ts";
import { givenTags, tagSet } from "./tags.ts";
import { vpcIn } from "./vpcs.ts";
import type { Xml, XmlFields } from "./xml.ts";

export function createGroup(scene: Scene, params: Params): XmlFields {
  const vpc = vpcIn(scene, params.required("VpcId"));
  const name = params.required("GroupName");
  const taken = [...scene.tables.group.values()].some(
    (group) => group.vpcId === vpc.id && group.name === name,
  );
  if (taken) {
    const message = `The security group '${name}' already exists for VPC '${vpc.id}'`;
    throw new Refusal("InvalidGroup.Duplicate", message);
  }
  const id = newId("sg");
  const tags = givenTags(params, "security-group");
  const description = params.required("GroupDescription");
  scene.put("group", id, { id, createdAt: scene.now, vpcId: vpc.id, name, description, ingress: [], tags });
  return { return: true, groupId: id, tagSet: tagSet(tags) };
}

export function describeGroups(scene: Scene, params: Params): XmlFields {
  const ids = params.texts("GroupId");
  for (const id of ids) groupIn(scene, id);
  const named = visible(scene, scene.tables.group).filter(({ id }) => ids.length === 0 || ids.includes(id));
  const found = filtered(named, params, (group, filter) => {
    if (filter === "vpc-id") return [group.vpcId];
    if (filter === "group-id") return [group.id];
    return filter === "group-name" ? [group.name] : undefined;
  });
  const page = pageOf(found, params);
  return {
    securityGroupInfo: page.rows.map((group) => groupView(scene, group)),
    nextToken: page.nextToken,
  };
}

export function deleteGroup(scene: Scene, params: Params): XmlFields {
  const group = groupIn(scene, params.required("GroupId"));
  if (group.name === "default") {
    throw new Refusal("CannotDelete", "the specified group: default cannot be deleted by a user");
  }
  const used =
    [...scene.tables.instance.values()].some(
      (instance) => instance.groupIds.includes(group.id) && instance.state !== "terminated",
    ) ||
    [...scene.tables.group.values()].some(
      (other) =>
        other.id !== group.id &&
        other.ingress.some((rule) => rule.kind === "group" && rule.source === group.id),
    );
  if (used) throw new Refusal("DependencyViolation", `resource ${group.id} has a dependent object`);
  scene.put("group", group.id, null);
  return { return: true, groupId: group.id };
}

export function authorizeIngress(scene: Scene, params: Params): XmlFields {
  const group = groupIn(scene, params.required("GroupId"));
  const rules = rulesIn(scene, params);
  if (rules.some((rule) => group.ingress.some((known) => sameRule(known, rule)))) {
    throw new Refusal("InvalidPermission.Duplicate", "the specified rule already exists");
  }
  scene.put("group", group.id, { ...group, ingress: [...group.ingress, ...rules] });
  return { return: true };
}

export function revokeIngress(scene: Scene, params: Params): XmlFields {
  const group = groupIn(scene, params.required("GroupId"));
  const rules = rulesIn(scene, params);
  if (!rules.every((rule) => group.ingress.some((known) => sameRule(known, rule)))) {
    const message = "The specified rule does not exist in this security group.";
    throw new Refusal("InvalidPermission.NotFound", message);
  }
  const ingress = group.ingress.filter((known) => !rules.some((rule) => sameRule(known, rule)));
  scene.put("group", group.id, { ...group, ingress });
  return { return: true };
}

export function groupIn(scene: Scene, id: string): GroupRecord {
  const group = scene.tables.group.get(id);
  if (group === undefined) {
    throw new Refusal("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  }
  return group;
}

function groupView(scene: Scene, group: GroupRecord): Xml {
  const everywhere = { protocol: "-1", from: null, to: null, kind: "ipv4", source: "0.0.0.0/0" } as const;
  return {
    ownerId: ACCOUNT,
    groupId: group.id,
    groupName: group.name,
    groupDescription: group.description,
    vpcId: group.vpcId,
    ipPermissions: rulesView(scene, group.ingress),
    ipPermissionsEgress: rulesView(scene, [everywhere]),
    tagSet: tagSet(group.tags),
  };
}
