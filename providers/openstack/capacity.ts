import { z } from "zod";
import type { PoolCapacity, ProviderQuantities } from "../port.ts";
import type { Client } from "./client.ts";
import { listAll } from "./pages.ts";
import { fromPlacement, gibDown, gibUp, instructionSet, sum } from "./translate.ts";
import { WireHypervisor, WireInventories, WireNamed, WireTraits, WireUsages } from "./wire.ts";
import { readZones } from "./zones.ts";

/** What Placement says of one host. */
interface HostCapacity {
  readonly total: ProviderQuantities;
  readonly reserved: ProviderQuantities;
  readonly ratio: Readonly<Record<string, number>>;
  readonly used: ProviderQuantities;
  readonly traits: readonly string[];
}

type Hypervisor = z.infer<typeof WireHypervisor>;

/** A pool is an availability zone: the aggregate of its hosts that are up and enabled. */
export async function discoverCapacity(
  client: Client,
  zones: Readonly<Record<string, string>>,
): Promise<PoolCapacity[]> {
  const hypervisors = await listAll(
    client,
    { service: "compute", path: ["os-hypervisors", "detail"] },
    "hypervisors",
    WireHypervisor,
  );
  const providers = await listAll(
    client,
    { service: "placement", path: ["resource_providers"] },
    "resource_providers",
    WireNamed.omit({ id: true }).extend({ uuid: z.string() }),
  );
  const ours = new Map(Object.entries(zones).map(([pool, zone]) => [zone, pool]));
  const pools: PoolCapacity[] = [];
  for (const zone of await readZones(client)) {
    const hosts = hypervisors.filter(
      ({ state, status, service }) =>
        state === "up" && status === "enabled" && zone.hosts.includes(service.host),
    );
    const seen: HostCapacity[] = [];
    for (const { hypervisor_hostname } of hosts) {
      const provider = providers.find(({ name }) => name === hypervisor_hostname);
      if (provider !== undefined) seen.push(await readHost(client, provider.uuid));
    }
    pools.push(poolOf(ours.get(zone.name) ?? zone.name, seen, hosts));
  }
  return pools;
}

async function readHost(client: Client, uuid: string): Promise<HostCapacity> {
  const read = <Schema extends z.ZodType>(what: string, schema: Schema) =>
    client.call({ service: "placement", path: ["resource_providers", uuid, what] }, schema);
  const [{ inventories }, { usages }, { traits }] = await Promise.all([
    read("inventories", WireInventories),
    read("usages", WireUsages),
    read("traits", WireTraits),
  ]);
  const each = (pick: (inventory: WireInventories["inventories"][string]) => number) =>
    Object.fromEntries(Object.entries(inventories).map(([name, inventory]) => [name, pick(inventory)]));
  return {
    total: fromPlacement(
      each(({ total }) => total),
      gibDown,
    ),
    reserved: fromPlacement(
      each(({ reserved }) => reserved),
      gibUp,
    ),
    ratio: fromPlacement(
      each(({ allocation_ratio }) => allocation_ratio),
      (ratio) => ratio,
    ),
    used: fromPlacement(usages, gibUp),
    traits,
  };
}

function poolOf(
  pool: string,
  hosts: readonly HostCapacity[],
  hypervisors: readonly Hypervisor[],
): PoolCapacity {
  const total = (pick: (host: HostCapacity) => ProviderQuantities) =>
    hosts.map(pick).reduce(sum, {} as ProviderQuantities);
  const [first, ...others] = hosts;
  return {
    pool,
    total: total((host) => host.total),
    reserved: total((host) => host.reserved),
    allocationRatio: ratioOf(hosts),
    used: total((host) => host.used),
    architectures: [...new Set(hypervisors.flatMap(architectureOf))].sort(),
    traits: (first?.traits ?? [])
      .filter((trait) => others.every(({ traits }) => traits.includes(trait)))
      .sort(),
  };
}

/** Where hosts differ, the smallest: a pool never promises what its last host cannot hold. */
function ratioOf(hosts: readonly HostCapacity[]): Record<string, number> {
  const ratios: Record<string, number> = {};
  for (const { ratio } of hosts) {
    for (const [name, value] of Object.entries(ratio)) ratios[name] = Math.min(ratios[name] ?? value, value);
  }
  return ratios;
}

const CpuInfo = z.object({ arch: z.string() });

/** An object, or in older clouds the text of one. */
function architectureOf({ cpu_info }: Hypervisor): string[] {
  const parsed = CpuInfo.safeParse(typeof cpu_info === "string" ? textOf(cpu_info) : cpu_info);
  return parsed.success ? [instructionSet(parsed.data.arch)] : [];
}

function textOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Hosts of some kinds leave it empty.
  }
}
