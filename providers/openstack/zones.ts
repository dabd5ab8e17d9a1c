import type { Client } from "./client.ts";
import { WireZones } from "./wire.ts";

export interface Zone {
  readonly name: string;
  readonly hosts: readonly string[];
}

/** Availability zones with the hosts that run servers; the control services' own zone has none. */
export async function readZones(client: Client): Promise<Zone[]> {
  const call = { service: "compute", path: ["os-availability-zone", "detail"] } as const;
  const { availabilityZoneInfo } = await client.call(call, WireZones);
  return availabilityZoneInfo
    .map(({ zoneName, hosts }) => ({
      name: zoneName,
      hosts: Object.entries(hosts ?? {}).flatMap(([host, services]) =>
        "nova-compute" in services ? [host] : [],
      ),
    }))
    .filter(({ hosts }) => hosts.length > 0);
}

export async function zoneNames(client: Client): Promise<string[]> {
  return (await readZones(client)).map(({ name }) => name);
}
