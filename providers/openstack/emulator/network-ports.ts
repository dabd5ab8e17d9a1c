import { randomBytes, randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, type Ctx, callerOf, type Env, seconds } from "./context.ts";
import { defaultGroup } from "./network-groups.ts";
import type { PortRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { CloudState } from "./store.ts";

const NewPort = z.object({
  port: z.object({
    network_id: z.string(),
    project_id: z.string().optional(),
    name: z.string().default(""),
    description: z.string().default(""),
    mac_address: z.string().optional(),
    security_groups: z.array(z.string()).optional(),
  }),
});

export function portRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/network/v2.0/ports";

  app.get(path, (c) => {
    callerOf(c);
    const { project_id, network_id, mac_address, device_id } = c.req.query();
    const found = c
      .get("state")
      .all("ports")
      .filter((port) => project_id === undefined || port.projectId === project_id)
      .filter((port) => network_id === undefined || port.networkId === network_id)
      .filter((port) => mac_address === undefined || port.macAddress === mac_address)
      .filter((port) => device_id === undefined || port.deviceId === device_id);
    return c.json({ ports: found.map(portWire) });
  });
  app.post(path, async (c) => {
    const caller = callerOf(c);
    const { port: given } = await bodyOf(c, NewPort);
    const port = newPort(c, given.project_id ?? caller.projectId, given.network_id, given);
    return c.json({ port: portWire(port) }, 201);
  });
  app.get(`${path}/:port`, (c) => {
    callerOf(c);
    return c.json({ port: portWire(portOf(c)) });
  });
  app.put(`${path}/:port`, async (c) => {
    callerOf(c);
    const Given = z.object({
      port: z.object({ description: z.string().optional(), name: z.string().optional() }),
    });
    const { port: change } = await bodyOf(c, Given);
    const before = portOf(c);
    const wanted = /^revision_number=(\d+)$/.exec(c.req.header("if-match") ?? "")?.[1];
    if (wanted !== undefined && Number(wanted) !== before.revision) {
      throw new Refusal(
        412,
        "RevisionNumberConstraintFailed",
        `Constrained to ${wanted}, but current revision is ${before.revision}`,
      );
    }
    const { description = before.description, name = before.name } = change;
    const port = { ...before, description, name, revision: before.revision + 1 };
    c.get("state").put("ports", port.id, port);
    return c.json({ port: portWire(port) });
  });
  app.delete(`${path}/:port`, (c) => {
    callerOf(c);
    c.get("state").drop("ports", portOf(c).id);
    return c.body(null, 204);
  });
  return app;
}

/** Hardware addresses are unique on a network: of two that ask for the same, one is refused. */
export function newPort(
  c: Ctx,
  projectId: string,
  networkId: string,
  given: Partial<z.output<typeof NewPort>["port"]> = {},
): PortRecord {
  const state = c.get("state");
  if (state.get("networks", networkId) === undefined) {
    throw notFound("NetworkNotFound", `Network ${networkId} could not be found.`);
  }
  const onNetwork = state.all("ports").filter((port) => port.networkId === networkId);
  const macAddress =
    given.mac_address ??
    `fa:16:3e:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0")).join(":")}`;
  if (onNetwork.some((port) => port.macAddress === macAddress)) {
    const say = `Unable to complete operation for network ${networkId}. The mac address ${macAddress} is in use.`;
    throw new Refusal(409, "MacAddressInUse", say);
  }
  const port: PortRecord = {
    id: randomUUID(),
    name: given.name ?? "",
    projectId,
    networkId,
    macAddress,
    ...freeAddress(state, networkId, onNetwork),
    deviceId: "",
    deviceOwner: "",
    description: given.description ?? "",
    ofServer: false,
    securityGroups: given.security_groups ?? [defaultGroup(state, projectId).id],
    revision: 1,
    createdAt: state.now(),
  };
  state.put("ports", port.id, port);
  return port;
}

export function bindPort(state: CloudState, port: PortRecord, deviceId: string): void {
  const bound = { ...port, deviceId, deviceOwner: "compute:nova", revision: port.revision + 1 };
  state.put("ports", port.id, bound);
}

const HOSTS_FIRST = 2;
const HOSTS_LAST = 254;

/** The next of the subnet's first 256 addresses: the first is the network's, the second the router's. */
function freeAddress(state: CloudState, networkId: string, ports: readonly PortRecord[]) {
  const subnet = state.all("subnets").find((one) => one.networkId === networkId);
  if (subnet === undefined) return { address: null, subnetId: null };
  const stem = subnet.cidr.replace(/\.\d+\/\d+$/, "");
  const taken = new Set(ports.map(({ address }) => address));
  for (let host = HOSTS_FIRST; host <= HOSTS_LAST; host += 1) {
    const address = `${stem}.${host}`;
    if (!taken.has(address)) return { address, subnetId: subnet.id };
  }
  throw new Refusal(
    409,
    "IpAddressGenerationFailure",
    `No more IP addresses available on network ${networkId}.`,
  );
}

function portOf(c: Ctx): PortRecord {
  const id = c.req.param("port") ?? "";
  const port = c.get("state").get("ports", id);
  if (port === undefined) throw notFound("PortNotFound", `Port ${id} could not be found.`);
  return port;
}

function portWire(port: PortRecord) {
  return {
    id: port.id,
    name: port.name,
    network_id: port.networkId,
    tenant_id: port.projectId,
    mac_address: port.macAddress,
    admin_state_up: true,
    status: port.deviceId === "" ? "DOWN" : "ACTIVE",
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    fixed_ips: port.address === null ? [] : [{ subnet_id: port.subnetId, ip_address: port.address }],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: port.securityGroups,
    description: port.description,
    port_security_enabled: true,
    tags: [],
    created_at: seconds(port.createdAt),
    updated_at: seconds(port.createdAt),
    revision_number: port.revision,
    project_id: port.projectId,
  };
}
