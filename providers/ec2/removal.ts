import {
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteSubnetCommand,
  DeleteVolumeCommand,
  DeleteVpcCommand,
  DescribeVolumesCommand,
  RevokeSecurityGroupIngressCommand,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { isNotFound, ProviderFault } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import { claimedVpc, unclaim } from "./claim.ts";
import type { Cloud } from "./cloud.ts";
import { instancesIn } from "./instances.ts";
import { everyPage, paged } from "./pages.ts";
import { noTenancy, siteOf, vpcsNamed } from "./site.ts";
import { ownershipIn, TAG, tagsOf } from "./tags.ts";
import { terminate } from "./terminate.ts";
import { required } from "./translate.ts";

type Options = CallOptions | undefined;

/** Takes away what can go now; instances that are shutting down make it end early and be repeated. */
export async function removeTenancy(cloud: Cloud, name: string, options: Options): Promise<void> {
  const vpcs = await vpcsNamed(cloud, name, options);
  for (const vpc of vpcs) assertMarked(vpc, name);
  let empty = true;
  for (const vpc of vpcs) empty = (await removeVpc(cloud, vpc, options)) && empty;
  if (!empty) return;
  const claim = await claimedVpc(cloud, name, options);
  if (claim !== null) await unclaim(cloud, claim, options);
  if (vpcs.length === 0) throw noTenancy(name);
}

/** False while there is still something inside that goes by itself. */
async function removeVpc(cloud: Cloud, vpc: Vpc, options: Options): Promise<boolean> {
  const { send } = cloud;
  const VpcId = required(vpc.VpcId, "VpcId");
  if (tagsOf(vpc.Tags)[TAG.removing] !== "true") {
    const Tags = [{ Key: TAG.removing, Value: "true" }];
    await unlessGone(() => send(new CreateTagsCommand({ Resources: [VpcId], Tags }), options));
  }
  const instances = await instancesIn(cloud, VpcId, options);
  const staying = instances.filter((instance) => instance.State?.Name !== "shutting-down");
  await terminate(cloud, staying, options);
  if (instances.length > 0) return false;
  await removeVolumes(cloud, vpc, options);
  const { subnets, groups } = await siteOf(cloud, vpc, options);
  const own = groups.filter((group) => group.GroupName !== "default");
  // Groups that name each other hold each other, so their rules go before any of them.
  for (const { GroupId, IpPermissions = [] } of own) {
    if (IpPermissions.length === 0) continue;
    await unlessGone(() => send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }), options));
  }
  for (const { GroupId } of own) {
    await unlessGone(() => send(new DeleteSecurityGroupCommand({ GroupId }), options));
  }
  for (const { SubnetId } of subnets) {
    await unlessGone(() => send(new DeleteSubnetCommand({ SubnetId }), options));
  }
  await unlessGone(() => send(new DeleteVpcCommand({ VpcId }), options));
  return true;
}

/** Volumes that have outlived their instances belong to no VPC; they bear the mark. */
async function removeVolumes({ send }: Cloud, vpc: Vpc, options: Options): Promise<void> {
  const placement = tagsOf(vpc.Tags)[TAG.placement];
  if (placement === undefined) return;
  const Filters = [
    { Name: `tag:${TAG.placement}`, Values: [placement] },
    { Name: "status", Values: ["available", "error"] },
  ];
  const volumes = await everyPage(
    (token) => send(new DescribeVolumesCommand({ Filters, ...paged(token) }), options),
    (output) => output.Volumes,
  );
  for (const { VolumeId } of volumes) {
    await unlessGone(() => send(new DeleteVolumeCommand({ VolumeId }), options));
  }
}

/** Two controllers may remove the same thing; whoever comes second finds it gone. */
async function unlessGone(remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function assertMarked(vpc: Vpc, name: string): void {
  if (ownershipIn(tagsOf(vpc.Tags)) !== null) return;
  throw new ProviderFault("Conflict", `tenancy ${name} bears no ownership mark`, {
    cause: { vpcId: vpc.VpcId },
    vendorCode: "foreign_owner",
  });
}
