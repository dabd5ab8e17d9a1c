import { z } from "zod";
import { ProviderFault } from "../faults.ts";
import { type Client, NOTHING } from "./client.ts";
import type { OpenstackConnection } from "./connection.ts";
import { ignoringNotFound, unless } from "./gone.ts";
import { listAll } from "./pages.ts";
import { WireNetwork, WireSecurityGroup } from "./wire.ts";

/** A tenancy's network: its own, shared with nobody, and a security group that lets nothing in. */

type Place = Pick<OpenstackConnection, "cidr" | "externalNetworkId">;

export interface TenancyNetwork {
  readonly network: WireNetwork;
  readonly securityGroup: WireSecurityGroup;
}

const MADE_BY = "yunheng";
const NEUTRON = { service: "network" } as const;

/** Networks and security groups, of one project or of all that the credentials show. */
export async function readNetworks(client: Client, projectId?: string) {
  const query = { project_id: projectId };
  const [networks, groups] = await Promise.all([
    listAll(client, { ...NEUTRON, path: ["networks"], query }, "networks", WireNetwork),
    listAll(client, { ...NEUTRON, path: ["security-groups"], query }, "security_groups", WireSecurityGroup),
  ]);
  return { networks, groups };
}

type Networks = Awaited<ReturnType<typeof readNetworks>>;

/** Null while the tenancy has not got both. */
export function networkOf(name: string, { networks, groups }: Networks): TenancyNetwork | null {
  const [network] = oldestFirst(networks.filter((one) => one.name === name));
  const [securityGroup] = oldestFirst(groups.filter((one) => one.name === name));
  return network === undefined || securityGroup === undefined ? null : { network, securityGroup };
}

/** True while every network keeps apart, and ours and the project's default group let nothing in. */
export function isIsolated(name: string, seen: Networks): boolean {
  const own = networkOf(name, seen);
  return own !== null && seen.networks.every(isApart) && guards(name, seen.groups).every(isClosed);
}

export function isApart(network: WireNetwork): boolean {
  return !network.shared && network.port_security_enabled;
}

/** What a department adds in groups of its own it has allowed; these two it gets from us. */
function guards(name: string, groups: readonly WireSecurityGroup[]): WireSecurityGroup[] {
  return groups.filter((group) => group.name === name || group.name === "default");
}

function isClosed(group: WireSecurityGroup): boolean {
  return openings(group).length === 0;
}

/** Members of the group itself may reach each other: they are all in this tenancy. */
function openings(group: WireSecurityGroup) {
  return group.security_group_rules.filter(
    (rule) => rule.direction === "ingress" && rule.remote_group_id !== group.id,
  );
}

export async function ensureNetworks(
  client: Client,
  place: Place,
  project: { readonly id: string; readonly name: string },
  routed: boolean,
): Promise<void> {
  const seen = await readNetworks(client, project.id);
  const network = await oneNetwork(client, project, seen.networks);
  await ensureSubnet(client, place, project, network, routed);
  await oneSecurityGroup(client, project, seen.groups);
  for (const open of seen.networks.filter((one) => !isApart(one))) {
    const body = { network: { shared: false, port_security_enabled: true } };
    await client.call({ ...NEUTRON, method: "PUT", path: ["networks", open.id], body }, NOTHING);
  }
  for (const { id } of guards(project.name, seen.groups).flatMap(openings)) {
    await ignoringNotFound(
      client.call({ ...NEUTRON, method: "DELETE", path: ["security-group-rules", id] }, NOTHING),
    );
  }
}

/** Neutron lets names repeat: of those that two controllers make at once the oldest counts, the rest goes. */
async function oneNetwork(
  client: Client,
  project: { readonly id: string; readonly name: string },
  seen: readonly WireNetwork[],
): Promise<WireNetwork> {
  const ours = (networks: readonly WireNetwork[]) => networks.filter((one) => one.name === project.name);
  if (ours(seen).length === 0) {
    const network = { name: project.name, project_id: project.id, description: MADE_BY };
    await client.call({ ...NEUTRON, method: "POST", path: ["networks"], body: { network } }, NOTHING);
  }
  const now = ours(seen).length === 1 ? seen : (await readNetworks(client, project.id)).networks;
  const [first, ...surplus] = oldestFirst(ours(now));
  if (first === undefined) throw vanished("network", project.name);
  for (const { id } of surplus) await removeSurplus(client, ["networks", id]);
  return first;
}

async function oneSecurityGroup(
  client: Client,
  project: { readonly id: string; readonly name: string },
  seen: readonly WireSecurityGroup[],
): Promise<void> {
  const ours = (groups: readonly WireSecurityGroup[]) => groups.filter((one) => one.name === project.name);
  if (ours(seen).length === 0) {
    const group = { name: project.name, project_id: project.id, description: MADE_BY };
    const body = { security_group: group };
    await client.call({ ...NEUTRON, method: "POST", path: ["security-groups"], body }, NOTHING);
  }
  const now = ours(seen).length === 1 ? seen : (await readNetworks(client, project.id)).groups;
  const [first, ...surplus] = oldestFirst(ours(now));
  if (first === undefined) throw vanished("security group", project.name);
  for (const { id } of surplus) await removeSurplus(client, ["security-groups", id]);
}

/** What is in use after all stays until it is not. */
async function removeSurplus(client: Client, path: readonly string[]): Promise<void> {
  await unless(["Conflict", "NotFound"], client.call({ ...NEUTRON, method: "DELETE", path }, NOTHING));
}

const WireSubnet = z.object({ id: z.string() });
const WireRouter = z.object({ id: z.string(), name: z.string(), created_at: z.string().default("") });

async function ensureSubnet(
  client: Client,
  place: Place,
  project: { readonly id: string; readonly name: string },
  network: WireNetwork,
  routed: boolean,
): Promise<void> {
  const list = () => {
    const query = { network_id: network.id };
    return listAll(client, { ...NEUTRON, path: ["subnets"], query }, "subnets", WireSubnet);
  };
  let [subnet] = await list();
  if (subnet === undefined) {
    const made = { network_id: network.id, project_id: project.id, cidr: place.cidr, ip_version: 4 };
    const body = { subnet: { ...made, name: project.name } };
    // Overlapping with a subnet that another controller has just made is refused: then there is one.
    await unless(["Invalid"], client.call({ ...NEUTRON, method: "POST", path: ["subnets"], body }, NOTHING));
    [subnet] = await list();
  }
  if (subnet === undefined) {
    throw new ProviderFault("Invalid", `the cloud does not accept the subnet ${place.cidr}`);
  }
  if (routed) await ensureRouter(client, place, project, subnet.id);
}

async function ensureRouter(
  client: Client,
  place: Place,
  project: { readonly id: string; readonly name: string },
  subnetId: string,
): Promise<void> {
  const list = async () => {
    const query = { project_id: project.id, name: project.name };
    return oldestFirst(
      await listAll(client, { ...NEUTRON, path: ["routers"], query }, "routers", WireRouter),
    );
  };
  let routers = await list();
  if (routers.length === 0) {
    const gateway =
      place.externalNetworkId === undefined
        ? {}
        : { external_gateway_info: { network_id: place.externalNetworkId } };
    const body = { router: { name: project.name, project_id: project.id, ...gateway } };
    await client.call({ ...NEUTRON, method: "POST", path: ["routers"], body }, NOTHING);
    routers = await list();
  }
  const [router, ...surplus] = routers;
  if (router === undefined) throw vanished("router", project.name);
  for (const { id } of surplus) await removeSurplus(client, ["routers", id]);
  const path = ["routers", router.id, "add_router_interface"];
  const call = { ...NEUTRON, method: "PUT", path, body: { subnet_id: subnetId } } as const;
  // Attached already: Neutron calls it an invalid request, or a conflict.
  await unless(["Invalid", "Conflict"], client.call(call, NOTHING));
}

/** Times have whole seconds; the id decides between those of the same one, alike for everybody. */
function oldestFirst<Made extends { readonly id: string; readonly created_at: string }>(
  objects: readonly Made[],
): Made[] {
  const order = ({ created_at, id }: Made) => `${created_at} ${id}`;
  return [...objects].sort((left, right) => (order(left) < order(right) ? -1 : 1));
}

function vanished(noun: string, name: string): ProviderFault {
  return new ProviderFault("Unavailable", `the ${noun} of ${name} is gone as soon as it is made`);
}
