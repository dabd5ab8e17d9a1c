import {
  CreateTagsCommand,
  DeleteTagsCommand,
  type Instance,
  StartInstancesCommand,
  StopInstancesCommand,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { instancesIn } from "./instances.ts";
import { TAG, tagsOf } from "./tags.ts";
import { required } from "./translate.ts";

type Options = CallOptions | undefined;

/** `Throttled` because the cloud is well and asks for nothing but patience. */
const BUSY_MS = 3_000;

const MARK = [{ Key: TAG.suspended, Value: "true" }];

/** Stops what runs and remembers what that was; the tenancy itself is marked last, when all of it is done. */
export async function suspend(cloud: Cloud, vpc: Vpc, options: Options): Promise<void> {
  const { send } = cloud;
  const vpcId = required(vpc.VpcId, "VpcId");
  const instances = await instancesIn(cloud, vpcId, options);
  assertNone(instances, "pending", "starting");
  const running = idsOf(instances.filter((instance) => instance.State?.Name === "running"));
  if (running.length > 0) {
    await send(new CreateTagsCommand({ Resources: running, Tags: MARK }), options);
    await send(new StopInstancesCommand({ InstanceIds: running }), options);
  }
  await send(new CreateTagsCommand({ Resources: [vpcId], Tags: MARK }), options);
}

/** Starts what the suspension has stopped: what its users had switched off stays off. */
export async function resume(cloud: Cloud, vpc: Vpc, options: Options): Promise<void> {
  const { send } = cloud;
  const vpcId = required(vpc.VpcId, "VpcId");
  const ours = (await instancesIn(cloud, vpcId, options)).filter(
    (instance) => tagsOf(instance.Tags)[TAG.suspended] === "true",
  );
  assertNone(ours, "stopping", "stopping");
  const stopped = idsOf(ours.filter((instance) => instance.State?.Name === "stopped"));
  if (stopped.length > 0) await send(new StartInstancesCommand({ InstanceIds: stopped }), options);
  await send(new DeleteTagsCommand({ Resources: [...idsOf(ours), vpcId], Tags: MARK }), options);
}

/** The cloud takes no order while an instance is on its way, so the whole step is repeated later. */
function assertNone(instances: readonly Instance[], state: string, doing: string): void {
  const [busy] = instances.filter((instance) => instance.State?.Name === state);
  if (busy === undefined) return;
  throw new ProviderFault("Throttled", `an instance is still ${doing}`, {
    cause: { instanceId: busy.InstanceId },
    vendorCode: "instance_busy",
    retryAfterMs: BUSY_MS,
  });
}

function idsOf(instances: readonly Instance[]): string[] {
  return instances.map((instance) => required(instance.InstanceId, "InstanceId"));
}
