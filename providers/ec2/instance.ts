import type { Instance, Vpc } from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, InstanceSpec, ObservedInstance } from "../port.ts";
import { unreadable } from "../wire-faults.ts";
import type { Cloud } from "./cloud.ts";
import { instancesNamed, instancesWhere, observed } from "./instances.ts";
import { launch } from "./launch.ts";
import { bringToSize } from "./resize.ts";
import { findVpc } from "./site.ts";
import { ownershipIn, sameOwner, TAG, tagsOf } from "./tags.ts";
import { terminate } from "./terminate.ts";
import { required } from "./translate.ts";

type Options = CallOptions | undefined;

export async function ensureInstance(
  cloud: Cloud,
  tenancy: string,
  spec: InstanceSpec,
  clientToken: string,
  options: Options,
): Promise<ObservedInstance> {
  const vpc = await findVpc(cloud, tenancy, options);
  assertUsable(vpc, tenancy);
  const vpcId = required(vpc.VpcId, "VpcId");
  const [found] = await instancesNamed(cloud, vpcId, spec.name, options);
  const instance = found ?? (await launch(cloud, vpc, spec, clientToken, options));
  assertOurs(instance, spec);
  await bringToSize(cloud, instance, spec, options);
  const id = required(instance.InstanceId, "InstanceId");
  const [now] = await instancesWhere(cloud, [{ Name: "instance-id", Values: [id] }], options);
  // So new that lists do not show it yet: what the launch itself has answered is still true.
  const [seen] = await observed(cloud, [now ?? instance], options);
  return seen ?? Promise.reject(unreadable(id));
}

export async function removeInstance(
  cloud: Cloud,
  tenancy: string,
  name: string,
  options: Options,
): Promise<void> {
  const vpc = await findVpc(cloud, tenancy, options);
  const found = await instancesNamed(cloud, required(vpc.VpcId, "VpcId"), name, options);
  if (found.length === 0) {
    throw new ProviderFault("NotFound", `no instance ${name}`, { vendorCode: "no_such_instance" });
  }
  for (const instance of found) assertMarked(instance, name);
  const staying = found.filter((instance) => instance.State?.Name !== "shutting-down");
  await terminate(cloud, staying, options);
}

function assertUsable(vpc: Vpc, tenancy: string): void {
  const tags = tagsOf(vpc.Tags);
  for (const state of [TAG.removing, TAG.suspended]) {
    if (tags[state] !== "true") continue;
    throw new ProviderFault("Conflict", `tenancy ${tenancy} is being removed or is suspended`, {
      vendorCode: state,
    });
  }
}

function assertOurs(instance: Instance, spec: InstanceSpec): void {
  const tags = tagsOf(instance.Tags);
  if (!sameOwner(ownershipIn(tags), spec.ownership)) {
    throw new ProviderFault("Conflict", `instance ${spec.name} belongs to somebody else`, {
      cause: { instanceId: instance.InstanceId, ownership: ownershipIn(tags) },
      vendorCode: "foreign_owner",
    });
  }
  const image = tags[TAG.image] ?? instance.ImageId;
  if (image !== spec.image) {
    throw new ProviderFault("Conflict", `instance ${spec.name} runs ${image}; remove it first`);
  }
  if (instance.State?.Name === "shutting-down") {
    throw new ProviderFault("Conflict", `instance ${spec.name} is being removed`, { vendorCode: "removing" });
  }
}

/** What somebody made by hand is never removed, even under a name that we use. */
function assertMarked(instance: Instance, name: string): void {
  if (ownershipIn(tagsOf(instance.Tags)) !== null) return;
  throw new ProviderFault("Conflict", `instance ${name} bears no ownership mark`, {
    cause: { instanceId: instance.InstanceId },
    vendorCode: "foreign_owner",
  });
}
