import {
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type Filter,
  type Instance,
  type Volume,
} from "@aws-sdk/client-ec2";
import type { CallOptions, ObservedInstance, Page, PageOptions, ProviderQuantities } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { cutPage, everyPage, PAGE_MAX, paged } from "./pages.ts";
import { findVpc } from "./site.ts";
import { TAG } from "./tags.ts";
import { gibOf, required, toInstance } from "./translate.ts";

type Options = CallOptions | undefined;

/** What is terminated stays in the lists for an hour, and is gone all the same. */
export const LIVE = ["pending", "running", "stopping", "stopped", "shutting-down"];

export function instancesWhere({ send }: Cloud, Filters: Filter[], options: Options): Promise<Instance[]> {
  return everyPage(
    (token) => send(new DescribeInstancesCommand({ Filters, ...paged(token) }), options),
    (output) => output.Reservations?.flatMap((reservation) => reservation.Instances ?? []),
  );
}

export function instancesIn(cloud: Cloud, vpcId: string, options: Options): Promise<Instance[]> {
  const filters = [
    { Name: "vpc-id", Values: [vpcId] },
    { Name: "instance-state-name", Values: LIVE },
  ];
  return instancesWhere(cloud, filters, options);
}

/** The oldest first; where the cloud's clock is too coarse to tell, its own order decides. */
export async function instancesNamed(
  cloud: Cloud,
  vpcId: string,
  name: string,
  options: Options,
): Promise<Instance[]> {
  const filters = [
    { Name: "vpc-id", Values: [vpcId] },
    { Name: `tag:${TAG.name}`, Values: [name] },
    { Name: "instance-state-name", Values: LIVE },
  ];
  const found = await instancesWhere(cloud, filters, options);
  return found.sort((left, right) => (left.LaunchTime?.getTime() ?? 0) - (right.LaunchTime?.getTime() ?? 0));
}

export async function listInstances(
  cloud: Cloud,
  tenancy: string,
  options: PageOptions | undefined,
): Promise<Page<ObservedInstance>> {
  const vpc = await findVpc(cloud, tenancy, options);
  const Filters = [
    { Name: "vpc-id", Values: [required(vpc.VpcId, "VpcId")] },
    { Name: "instance-state-name", Values: LIVE },
  ];
  const page = await cutPage(
    { after: options?.after, limit: options?.limit },
    (asked) => cloud.send(new DescribeInstancesCommand({ Filters, ...asked }), options),
    (output) => output.Reservations?.flatMap((reservation) => reservation.Instances ?? []),
  );
  return { items: await observed(cloud, page.items, options), next: page.next };
}

/** Instances with what the API keeps elsewhere: the size of their type and of their volumes. */
export async function observed(
  cloud: Cloud,
  instances: readonly Instance[],
  options: Options,
): Promise<ObservedInstance[]> {
  const [sizes, volumes] = await Promise.all([
    cloud.sizes.named(typesOf(instances), options),
    volumesOf(cloud, instances, options),
  ]);
  return instances.map((instance) =>
    toInstance(
      instance,
      sizes.get(instance.InstanceType ?? ""),
      volumes.filter((volume) => isAttached(volume, instance)),
    ),
  );
}

export async function readUsage(
  cloud: Cloud,
  tenancy: string,
  options: Options,
): Promise<ProviderQuantities> {
  const vpc = await findVpc(cloud, tenancy, options);
  const instances = await instancesIn(cloud, required(vpc.VpcId, "VpcId"), options);
  return usageOf(cloud, instances, await volumesOf(cloud, instances, options), options);
}

/** Memory is summed before it is rounded, so that many small instances do not count as more than they are. */
export async function usageOf(
  cloud: Cloud,
  instances: readonly Instance[],
  volumes: readonly Volume[],
  options: Options,
): Promise<ProviderQuantities> {
  const sizes = await cloud.sizes.named(typesOf(instances), options);
  const sum = (of: (instance: Instance) => number) =>
    instances.reduce((total, instance) => total + of(instance), 0);
  const sizeOf = ({ InstanceType: type }: Instance) => sizes.get(type ?? "");
  return {
    VCPU: sum((instance) => toInstance(instance, sizeOf(instance), []).vcpu),
    MEMORY_GIB: gibOf(sum((instance) => sizeOf(instance)?.memoryMiB ?? 0)),
    BLOCK_STORAGE_GIB: volumes.reduce((total, volume) => total + (volume.Size ?? 0), 0),
  };
}

export async function volumesOf(
  { send }: Cloud,
  instances: readonly Instance[],
  options: Options,
): Promise<Volume[]> {
  const ids = instances.flatMap(({ InstanceId }) => (InstanceId === undefined ? [] : [InstanceId]));
  const all: Volume[] = [];
  for (let from = 0; from < ids.length; from += PAGE_MAX) {
    const Filters = [{ Name: "attachment.instance-id", Values: ids.slice(from, from + PAGE_MAX) }];
    const volumes = await everyPage(
      (token) => send(new DescribeVolumesCommand({ Filters, ...paged(token) }), options),
      (output) => output.Volumes,
    );
    all.push(...volumes);
  }
  return all;
}

function isAttached(volume: Volume, { InstanceId }: Instance): boolean {
  return volume.Attachments?.some((attachment) => attachment.InstanceId === InstanceId) ?? false;
}

function typesOf(instances: readonly Instance[]): string[] {
  return instances.flatMap(({ InstanceType }) => (InstanceType === undefined ? [] : [InstanceType]));
}
