import { DescribeAvailabilityZonesCommand } from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ProbeResult, Supports } from "../port.ts";
import type { Cloud } from "./cloud.ts";

/** Of the API, as the client speaks it: the service itself states no version. */
const API_VERSION = "2016-11-15";

/** Reaches the cloud, and finds what the connection says of it to be true. */
export async function probe(
  cloud: Cloud,
  supports: Supports,
  options: CallOptions | undefined,
): Promise<ProbeResult> {
  const { AvailabilityZones = [] } = await cloud.send(new DescribeAvailabilityZonesCommand({}), options);
  const there = new Set(AvailabilityZones.map((zone) => zone.ZoneName));
  const { pools, accessRole } = cloud.connection;
  const missing = Object.values(pools)
    .flatMap((pool) => pool.availabilityZones)
    .filter((zone) => !there.has(zone));
  if (missing.length > 0) {
    throw new ProviderFault("Invalid", `the cloud has no availability zone ${missing.join(", ")}`, {
      vendorCode: "no_such_zone",
    });
  }
  return {
    version: `EC2 ${API_VERSION}`,
    supports: { ...supports, issueAccess: accessRole !== undefined },
  };
}
