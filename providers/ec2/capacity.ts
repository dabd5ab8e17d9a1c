import {
  DescribeAccountAttributesCommand,
  DescribeVolumesCommand,
  type Instance,
  type Volume,
} from "@aws-sdk/client-ec2";
import type { CallOptions, PoolCapacity, ProviderQuantities } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import type { Ec2Pool } from "./connection.ts";
import { instancesWhere, LIVE, usageOf } from "./instances.ts";
import { everyPage, paged } from "./pages.ts";
import { gibOf } from "./translate.ts";

type Options = CallOptions | undefined;

/** What the operator has configured, less what the account's own limit rules out, beside what is used. */
export async function discoverCapacity(cloud: Cloud, options: Options): Promise<PoolCapacity[]> {
  const [instances, volumes, instancesMax] = await Promise.all([
    instancesWhere(cloud, [{ Name: "instance-state-name", Values: LIVE }], options),
    allVolumes(cloud, options),
    instanceLimit(cloud, options),
  ]);
  const largest = await cloud.sizes.largest(options);
  const capacities: PoolCapacity[] = [];
  for (const [name, pool] of Object.entries(cloud.connection.pools)) {
    const inside = instances.filter((instance) => poolOfInstance(cloud, instance) === name);
    const disks = volumes.filter((volume) => poolOfVolume(cloud, volume, instances) === name);
    capacities.push({
      pool: name,
      total: withinLimit(pool, instancesMax, largest),
      reserved: {},
      allocationRatio: {},
      used: await usageOf(cloud, inside, disks, options),
      architectures: [pool.architecture],
      traits: [],
    });
  }
  return capacities;
}

/** An account that may run so many instances cannot use more than that many of the largest. */
function withinLimit(
  pool: Ec2Pool,
  instancesMax: number | null,
  largest: { readonly vcpu: number; readonly memoryMiB: number },
): ProviderQuantities {
  if (instancesMax === null) return pool.total;
  const bounds: ProviderQuantities = {
    VCPU: instancesMax * largest.vcpu,
    MEMORY_GIB: gibOf(instancesMax * largest.memoryMiB),
  };
  return Object.fromEntries(
    Object.entries(pool.total).map(([name, amount]) => [name, Math.min(amount, bounds[name] ?? amount)]),
  );
}

/** Null where the cloud states none. */
async function instanceLimit({ send }: Cloud, options: Options): Promise<number | null> {
  const { AccountAttributes } = await send(
    new DescribeAccountAttributesCommand({ AttributeNames: [] }),
    options,
  );
  const limit = AccountAttributes?.find((attribute) => String(attribute.AttributeName) === "max-instances");
  const value = Number(limit?.AttributeValues?.[0]?.AttributeValue);
  return Number.isInteger(value) && value >= 0 ? value : null;
}

/** The first pool of the instance's zone and processor: pools may share a zone, but not both. */
function poolOfInstance({ connection }: Cloud, { Placement, Architecture }: Instance): string | undefined {
  return Object.entries(connection.pools).find(
    ([, pool]) =>
      pool.availabilityZones.includes(Placement?.AvailabilityZone ?? "") &&
      pool.architecture === Architecture,
  )?.[0];
}

/** Where the instance is that uses the volume; what nobody uses counts for the zone's first pool. */
function poolOfVolume(cloud: Cloud, volume: Volume, instances: readonly Instance[]): string | undefined {
  const holder = volume.Attachments?.[0]?.InstanceId;
  const instance = instances.find(({ InstanceId }) => holder !== undefined && InstanceId === holder);
  if (instance !== undefined) return poolOfInstance(cloud, instance);
  return Object.entries(cloud.connection.pools).find(([, pool]) =>
    pool.availabilityZones.includes(volume.AvailabilityZone ?? ""),
  )?.[0];
}

function allVolumes({ send }: Cloud, options: Options): Promise<Volume[]> {
  return everyPage(
    (token) => send(new DescribeVolumesCommand(paged(token)), options),
    (output) => output.Volumes,
  );
}
