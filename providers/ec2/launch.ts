import { createHash } from "node:crypto";
import {
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, InstanceSpec } from "../port.ts";
import { unreadable } from "../wire-faults.ts";
import type { Cloud } from "./cloud.ts";
import { hasVendorCode } from "./faults.ts";
import { findImage } from "./images.ts";
import { instancesNamed } from "./instances.ts";
import { siteOf } from "./site.ts";
import { subnetFor } from "./subnets.ts";
import { instanceTags, ownerTags, TAG, tagList, tagsOf } from "./tags.ts";
import { poolOf } from "./tenancy.ts";
import { terminate } from "./terminate.ts";
import { instructionSet, mibOf, OUR_GROUP, required } from "./translate.ts";

type Options = CallOptions | undefined;

/** Predecessors of one name that the cloud still remembers by their tokens. */
const PREDECESSORS_MAX = 100;
const DEAD = /^(shutting-down|terminated)$/;

/**
 * Launches the instance, or finds the one that another controller has launched: both ask with the same
 * token, made from what the instance is to be. The cloud answers a token that it knows with the instance it
 * was used for; if that one is terminated, the next token in line is tried, by every controller alike.
 */
export async function launch(
  cloud: Cloud,
  vpc: Vpc,
  spec: InstanceSpec,
  clientToken: string,
  options: Options,
): Promise<Instance> {
  const vpcId = required(vpc.VpcId, "VpcId");
  const request = await launchRequest(cloud, vpc, spec, clientToken, options);
  for (let predecessor = 0; predecessor < PREDECESSORS_MAX; predecessor += 1) {
    const token = tokenOf(vpcId, spec.name, predecessor);
    const launched = await run(cloud, { ...request, ClientToken: token }, options);
    const alive = await instancesNamed(cloud, vpcId, spec.name, options);
    const [oldest] = alive;
    if (launched === null) {
      // The token was used for another size or image, which may be alive.
      if (oldest !== undefined) return oldest;
      continue;
    }
    if (oldest === undefined || oldest.InstanceId === launched.InstanceId) {
      if (!DEAD.test(launched.State?.Name ?? "")) return launched;
      continue;
    }
    // A cloud that ignores tokens has made a second one; it is ours alone and has done nothing yet.
    const ours = alive.filter((instance) => instance.InstanceId === launched.InstanceId);
    await terminate(cloud, ours, options);
    return oldest;
  }
  throw unreadable(`no unused token for ${spec.name}`);
}

/** Null when the token was used for something else. */
async function run(
  cloud: Cloud,
  request: RunInstancesCommandInput,
  options: Options,
): Promise<Instance | null> {
  try {
    const reply = await cloud.send(new RunInstancesCommand(request), options);
    return required(reply.Instances?.[0], "Instances");
  } catch (error) {
    if (hasVendorCode(error, /^IdempotentParameterMismatch$/)) return null;
    throw error;
  }
}

async function launchRequest(
  cloud: Cloud,
  vpc: Vpc,
  spec: InstanceSpec,
  clientToken: string,
  options: Options,
): Promise<RunInstancesCommandInput> {
  const { instanceProfile } = cloud.connection;
  const tenancy = tagsOf(vpc.Tags);
  const pool = poolOf(cloud, tenancy[TAG.pool] ?? "");
  if (instructionSet(spec.architecture) !== pool.architecture) {
    throw new ProviderFault("Invalid", `the pool runs ${pool.architecture}, not ${spec.architecture}`);
  }
  const wanted = { vcpu: spec.vcpu, memoryMiB: mibOf(spec.memoryGiB) };
  const [image, size, site] = await Promise.all([
    findImage(cloud, spec.image, pool.architecture, options),
    cloud.sizes.choose(pool, wanted, options),
    siteOf(cloud, vpc, options),
  ]);
  const subnet = subnetFor(site.subnets, pool, spec.name);
  const group = site.groups.find((candidate) => candidate.GroupName === OUR_GROUP);
  if (subnet === undefined || group === undefined) {
    throw new ProviderFault(
      "Conflict",
      "the tenancy is not complete: its subnet or security group is missing",
    );
  }
  const tags = {
    ...instanceTags(spec, tenancy[TAG.accessGroup]),
    [TAG.clientToken]: clientToken.slice(0, 256),
  };
  return {
    ImageId: required(image.ImageId, "ImageId"),
    InstanceType: typeNamed(size.name),
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnet.SubnetId,
    SecurityGroupIds: [required(group.GroupId, "GroupId")],
    BlockDeviceMappings: [
      {
        DeviceName: image.RootDeviceName ?? "/dev/sda1",
        Ebs: { VolumeSize: spec.diskGiB, DeleteOnTermination: true },
      },
    ],
    // Only sessions that prove themselves read the instance's credentials from inside.
    MetadataOptions: { HttpTokens: "required" },
    ...(instanceProfile === undefined ? {} : { IamInstanceProfile: profileOf(instanceProfile) }),
    TagSpecifications: [
      { ResourceType: "instance", Tags: tagList(tags) },
      { ResourceType: "volume", Tags: tagList({ ...ownerTags(spec.ownership), [TAG.name]: spec.name }) },
    ],
  };
}

/** The client lists the types that its vendor sells; other clouds have their own. */
function typeNamed(name: string) {
  return name as NonNullable<RunInstancesCommandInput["InstanceType"]>;
}

function profileOf(profile: string) {
  return profile.startsWith("arn:") ? { Arn: profile } : { Name: profile };
}

/** At most 64 signs; of one VPC, so that a tenancy made anew starts with fresh ones. */
function tokenOf(vpcId: string, name: string, predecessor: number): string {
  return createHash("sha256")
    .update(JSON.stringify([vpcId, name, predecessor]))
    .digest("hex");
}
