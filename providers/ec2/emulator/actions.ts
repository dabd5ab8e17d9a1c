import { describeAccountAttributes, describeZones } from "./account.ts";
import { authorizeIngress, createGroup, deleteGroup, describeGroups, revokeIngress } from "./groups.ts";
import { describeImages } from "./images.ts";
import { describeInstances, passTime } from "./instances.ts";
import { runInstances } from "./launch.ts";
import type { Params } from "./params.ts";
import { assertAllowed } from "./policy.ts";
import { modifyInstance, startInstances, stopInstances, terminateInstances } from "./power.ts";
import { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import { assumeRole } from "./sessions.ts";
import type { Caller } from "./signature.ts";
import { createSubnet, deleteSubnet, describeSubnets } from "./subnets.ts";
import { createTags, deleteTags } from "./tags.ts";
import { createTemplate, deleteTemplate, describeTemplates } from "./templates.ts";
import { describeTypes } from "./types.ts";
import { deleteVolume, describeVolumes, modifyVolume } from "./volumes.ts";
import { createVpc, deleteVpc, describeVpcs } from "./vpcs.ts";
import { document, type XmlFields } from "./xml.ts";

type Action = (scene: Scene, params: Params) => XmlFields;

const EC2: Readonly<Record<string, Action>> = {
  AuthorizeSecurityGroupIngress: authorizeIngress,
  CreateLaunchTemplate: createTemplate,
  CreateSecurityGroup: createGroup,
  CreateSubnet: createSubnet,
  CreateTags: createTags,
  CreateVpc: createVpc,
  DeleteLaunchTemplate: deleteTemplate,
  DeleteSecurityGroup: deleteGroup,
  DeleteSubnet: deleteSubnet,
  DeleteTags: deleteTags,
  DeleteVolume: deleteVolume,
  DeleteVpc: deleteVpc,
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeAvailabilityZones: describeZones,
  DescribeImages: describeImages,
  DescribeInstanceTypes: describeTypes,
  DescribeInstances: describeInstances,
  DescribeLaunchTemplates: describeTemplates,
  DescribeSecurityGroups: describeGroups,
  DescribeSubnets: describeSubnets,
  DescribeVolumes: describeVolumes,
  DescribeVpcs: describeVpcs,
  ModifyInstanceAttribute: modifyInstance,
  ModifyVolume: modifyVolume,
  RevokeSecurityGroupIngress: revokeIngress,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
};

const EC2_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
const STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Does what is asked and says so in the service's own form. */
export function perform(scene: Scene, params: Params, caller: Caller, requestId: string): string {
  passTime(scene);
  if (caller.service === "sts") {
    if (params.action !== "AssumeRole") throw unknown(params.action);
    const AssumeRoleResult = assumeRole(scene, params, caller);
    const content = { AssumeRoleResult, ResponseMetadata: { RequestId: requestId } };
    return document("AssumeRoleResponse", STS_NAMESPACE, content);
  }
  const action = Object.hasOwn(EC2, params.action) ? EC2[params.action] : undefined;
  if (action === undefined || caller.service !== "ec2") throw unknown(params.action);
  const policy = caller.session?.policy ?? null;
  if (policy !== null) assertAllowed(scene, policy, params);
  if (params.text("DryRun") === "true") {
    throw new Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  }
  const content = action(scene, params);
  return document(`${params.action}Response`, EC2_NAMESPACE, { requestId, ...content });
}

function unknown(action: string): Refusal {
  return new Refusal("InvalidAction", `The action ${action} is not valid for this web service.`);
}
