import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { isNotFound } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { required } from "./translate.ts";

export async function terminate(
  cloud: Cloud,
  instances: readonly Instance[],
  options: CallOptions | undefined,
): Promise<void> {
  const InstanceIds = instances.map((instance) => required(instance.InstanceId, "InstanceId"));
  if (InstanceIds.length === 0) return;
  try {
    await cloud.send(new TerminateInstancesCommand({ InstanceIds }), options);
  } catch (error) {
    // Terminated and forgotten since it was listed.
    if (!isNotFound(error)) throw error;
  }
}
