import {
  CreateTagsCommand,
  DeleteTagsCommand,
  type Instance,
  ModifyInstanceAttributeCommand,
  ModifyVolumeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, InstanceSpec } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { hasVendorCode } from "./faults.ts";
import { volumesOf } from "./instances.ts";
import { findVpc } from "./site.ts";
import { TAG, tagsOf } from "./tags.ts";
import { poolOf } from "./tenancy.ts";
import { mibOf, required } from "./translate.ts";

type Options = CallOptions | undefined;

/**
 * One step towards the wanted size; repeats take the others. A type is changed while the instance is
 * stopped, and a tag remembers for whom it was stopped, so that a resize that is cut off is taken up again.
 */
export async function bringToSize(
  cloud: Cloud,
  instance: Instance,
  spec: InstanceSpec,
  options: Options,
): Promise<void> {
  await growDisk(cloud, instance, spec, options);
  const id = required(instance.InstanceId, "InstanceId");
  const type = instance.InstanceType ?? "";
  const size = (await cloud.sizes.named([type], options)).get(type);
  const same = size?.vcpu === spec.vcpu && size.memoryMiB === mibOf(spec.memoryGiB);
  const resizing = tagsOf(instance.Tags)[TAG.resizing] !== undefined;
  const state = instance.State?.Name;
  if (same && !resizing) return;
  if (!same && state === "running") return stop(cloud, id, options);
  if (state !== "stopped") {
    if (same && state === "running") await forget(cloud, id, options);
    return;
  }
  if (!same) await changeType(cloud, id, instance, spec, options);
  // Switched off by its users before: it stays off.
  if (!resizing) return;
  await cloud.send(new StartInstancesCommand({ InstanceIds: [id] }), options);
  await forget(cloud, id, options);
}

async function stop({ send }: Cloud, id: string, options: Options): Promise<void> {
  const Tags = [{ Key: TAG.resizing, Value: "true" }];
  await send(new CreateTagsCommand({ Resources: [id], Tags }), options);
  await send(new StopInstancesCommand({ InstanceIds: [id] }), options);
}

async function forget({ send }: Cloud, id: string, options: Options): Promise<void> {
  await send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: TAG.resizing }] }), options);
}

async function changeType(
  cloud: Cloud,
  id: string,
  { VpcId }: Instance,
  spec: InstanceSpec,
  options: Options,
): Promise<void> {
  const vpc = await findVpc(cloud, required(VpcId, "VpcId"), options);
  const pool = poolOf(cloud, tagsOf(vpc.Tags)[TAG.pool] ?? "");
  const wanted = { vcpu: spec.vcpu, memoryMiB: mibOf(spec.memoryGiB) };
  const { name } = await cloud.sizes.choose(pool, wanted, options);
  await cloud.send(
    new ModifyInstanceAttributeCommand({ InstanceId: id, InstanceType: { Value: name } }),
    options,
  );
}

/** Volumes grow while they are in use, and never shrink. */
async function growDisk(
  cloud: Cloud,
  instance: Instance,
  spec: InstanceSpec,
  options: Options,
): Promise<void> {
  const volumes = await volumesOf(cloud, [instance], options);
  const missing = spec.diskGiB - volumes.reduce((total, volume) => total + (volume.Size ?? 0), 0);
  const root = volumes.find((volume) => isRoot(instance, volume.VolumeId)) ?? volumes[0];
  // Not listed yet: it was asked for with the wanted size.
  if (missing === 0 || root === undefined) return;
  if (missing < 0) {
    throw new ProviderFault("Invalid", `the disk of ${spec.name} cannot shrink; remove the instance first`, {
      vendorCode: "disk_shrinks",
    });
  }
  try {
    await cloud.send(
      new ModifyVolumeCommand({ VolumeId: root.VolumeId, Size: (root.Size ?? 0) + missing }),
      options,
    );
  } catch (error) {
    // The last change is still under way; this one comes with a repeat.
    if (!hasVendorCode(error, /^IncorrectModificationState$/)) throw error;
  }
}

function isRoot(
  { BlockDeviceMappings = [], RootDeviceName }: Instance,
  volumeId: string | undefined,
): boolean {
  return BlockDeviceMappings.some(
    ({ DeviceName, Ebs }) => DeviceName === RootDeviceName && Ebs?.VolumeId === volumeId,
  );
}
