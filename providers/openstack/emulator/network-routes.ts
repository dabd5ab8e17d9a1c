import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { adminOf, bodyOf, type Ctx, callerOf, type Env, seconds } from "./context.ts";
import { defaultGroup } from "./network-groups.ts";
import { networkQuota } from "./quota.ts";
import type { NetworkRecord, SubnetRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

const NewNetwork = z.object({
  network: z.object({
    name: z.string().default(""),
    description: z.string().default(""),
    project_id: z.string().optional(),
    tenant_id: z.string().optional(),
    shared: z.boolean().default(false),
  }),
});

const NewSubnet = z.object({
  subnet: z.object({
    network_id: z.string(),
    cidr: z.cidrv4(),
    ip_version: z.literal(4),
    name: z.string().default(""),
    project_id: z.string().optional(),
    tenant_id: z.string().optional(),
    enable_dhcp: z.boolean().default(true),
  }),
});

/** Extensions that every cloud has here; without `router` there are no public addresses either. */
const EXTENSIONS = [
  "port-security",
  "security-group",
  "standard-attr-tag",
  "revision-if-match",
  "quota_details",
];

export function networkRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const at = "/network/v2.0";

  app.get("/network/", (c) => {
    const links = [{ rel: "self", href: `${c.get("base")}/network/v2.0/` }];
    return c.json({ versions: [{ id: "v2.0", status: "CURRENT", links }] });
  });
  app.get(`${at}/extensions`, (c) => {
    callerOf(c);
    const { routers } = c.get("state").features;
    const extensions = [...EXTENSIONS, ...(routers ? ["router"] : [])].map((alias) => ({
      name: alias,
      alias,
      description: alias,
      updated: "2020-07-15T10:00:00-00:00",
      links: [],
    }));
    return c.json({ extensions });
  });

  app.get(`${at}/networks`, (c) => {
    callerOf(c);
    const { project_id, name } = c.req.query();
    const found = c
      .get("state")
      .all("networks")
      .filter((network) => project_id === undefined || network.projectId === project_id)
      .filter((network) => name === undefined || network.name === name);
    return c.json({ networks: found.map((one) => networkWire(c, one)) });
  });
  app.post(`${at}/networks`, async (c) => {
    const caller = callerOf(c);
    const { network: given } = await bodyOf(c, NewNetwork);
    const state = c.get("state");
    const projectId = given.project_id ?? given.tenant_id ?? caller.projectId;
    defaultGroup(state, projectId);
    const { name, description, shared } = given;
    const network: NetworkRecord = {
      ...{ id: randomUUID(), name, projectId, description, shared },
      portSecurity: true,
      segmentationId: state.all("networks").length + 1,
      tags: [],
      revision: 1,
      createdAt: state.now(),
    };
    state.put("networks", network.id, network);
    return c.json({ network: networkWire(c, network) }, 201);
  });
  app.get(`${at}/networks/:network`, (c) => {
    callerOf(c);
    return c.json({ network: networkWire(c, networkOf(c)) });
  });
  app.put(`${at}/networks/:network`, async (c) => {
    callerOf(c);
    const Given = z.object({
      network: z.object({ shared: z.boolean().optional(), port_security_enabled: z.boolean().optional() }),
    });
    const { network: change } = await bodyOf(c, Given);
    const before = networkOf(c);
    const { shared = before.shared, port_security_enabled: portSecurity = before.portSecurity } = change;
    const network = { ...before, shared, portSecurity, revision: before.revision + 1 };
    c.get("state").put("networks", network.id, network);
    return c.json({ network: networkWire(c, network) });
  });
  app.put(`${at}/networks/:network/tags`, async (c) => {
    callerOf(c);
    const { tags } = await bodyOf(c, z.object({ tags: z.array(z.string().max(255)) }));
    c.get("state").put("networks", networkOf(c).id, { ...networkOf(c), tags });
    return c.json({ tags });
  });
  app.delete(`${at}/networks/:network`, (c) => {
    callerOf(c);
    const { id } = networkOf(c);
    const state = c.get("state");
    const ports = state.all("ports").filter(({ networkId }) => networkId === id);
    if (ports.length > 0) {
      const ids = ports.map((port) => port.id).join(",");
      const say = `Unable to complete operation on network ${id}. There are one or more ports still in use on the network, id for these ports is: ${ids}.`;
      throw new Refusal(409, "NetworkInUse", say);
    }
    for (const subnet of state.all("subnets").filter(({ networkId }) => networkId === id)) {
      state.drop("subnets", subnet.id);
    }
    state.drop("networks", id);
    return c.body(null, 204);
  });

  app.get(`${at}/subnets`, (c) => {
    callerOf(c);
    const { network_id } = c.req.query();
    const all = c.get("state").all("subnets");
    const found = all.filter(({ networkId }) => network_id === undefined || networkId === network_id);
    return c.json({ subnets: found.map(subnetWire) });
  });
  app.post(`${at}/subnets`, async (c) => {
    const caller = callerOf(c);
    const { subnet: given } = await bodyOf(c, NewSubnet);
    const state = c.get("state");
    const networkId = given.network_id;
    if (state.get("networks", networkId) === undefined) {
      throw notFound("NetworkNotFound", `Network ${networkId} could not be found.`);
    }
    const overlaps = state
      .all("subnets")
      .some((one) => one.networkId === networkId && overlap(one.cidr, given.cidr));
    if (overlaps) {
      const say = `Invalid input for operation: Requested subnet with cidr: ${given.cidr} for network: ${networkId} overlaps with another subnet.`;
      throw new Refusal(400, "InvalidInput", say);
    }
    const subnet: SubnetRecord = {
      id: randomUUID(),
      name: given.name,
      projectId: given.project_id ?? given.tenant_id ?? caller.projectId,
      networkId,
      cidr: given.cidr,
      enableDhcp: given.enable_dhcp,
      createdAt: state.now(),
    };
    state.put("subnets", subnet.id, subnet);
    return c.json({ subnet: subnetWire(subnet) }, 201);
  });

  const quotas = `${at}/quotas/:project` as const;
  app.get(quotas, (c) => {
    callerOf(c);
    return c.json({ quota: networkQuota(c.get("state"), c.req.param("project")) });
  });
  app.put(quotas, async (c) => {
    adminOf(c, "update_quota");
    const { quota: given } = await bodyOf(c, z.object({ quota: z.record(z.string(), z.int()) }));
    const before = networkQuota(c.get("state"), c.req.param("project"));
    const unknown = Object.keys(given).filter((name) => !(name in before));
    if (unknown.length > 0) {
      throw new Refusal(400, "HTTPBadRequest", `Unrecognized attribute(s) '${unknown.join(", ")}'`);
    }
    const state = c.get("state");
    const id = c.req.param("project");
    const quota = { ...before, ...given };
    state.put("networkQuotas", id, quota);
    return c.json({ quota });
  });
  app.get(`${quotas}/details.json`, (c) => {
    callerOf(c);
    const state = c.get("state");
    const id = c.req.param("project");
    const used: Readonly<Record<string, number>> = {
      floatingip: state.all("floatingIps").filter(({ projectId }) => projectId === id).length,
      network: state.all("networks").filter(({ projectId }) => projectId === id).length,
      router: state.all("routers").filter(({ projectId }) => projectId === id).length,
    };
    const details = Object.entries(networkQuota(state, id)).map(([name, limit]) => [
      name,
      { limit, used: used[name] ?? 0, reserved: 0 },
    ]);
    return c.json({ quota: Object.fromEntries(details) });
  });
  app.delete(quotas, (c) => {
    adminOf(c, "delete_quota");
    const id = c.req.param("project");
    const state = c.get("state");
    if (state.get("networkQuotas", id) === undefined) {
      throw notFound("TenantQuotaNotFound", `Quota for tenant ${id} could not be found.`);
    }
    state.drop("networkQuotas", id);
    return c.body(null, 204);
  });
  return app;
}

function networkOf(c: Ctx): NetworkRecord {
  const id = c.req.param("network") ?? "";
  const network = c.get("state").get("networks", id);
  if (network === undefined) throw notFound("NetworkNotFound", `Network ${id} could not be found.`);
  return network;
}

function networkWire(c: Ctx, network: NetworkRecord) {
  const subnets = c
    .get("state")
    .all("subnets")
    .filter(({ networkId }) => networkId === network.id);
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.projectId,
    admin_state_up: true,
    mtu: 1450,
    status: "ACTIVE",
    subnets: subnets.map(({ id }) => id),
    shared: network.shared,
    project_id: network.projectId,
    port_security_enabled: network.portSecurity,
    "router:external": false,
    "provider:network_type": "vxlan",
    "provider:physical_network": null,
    "provider:segmentation_id": network.segmentationId,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    description: network.description,
    tags: network.tags,
    created_at: seconds(network.createdAt),
    updated_at: seconds(network.createdAt),
    revision_number: network.revision,
  };
}

function subnetWire(subnet: SubnetRecord) {
  const stem = subnet.cidr.replace(/\.\d+\/\d+$/, "");
  return {
    id: subnet.id,
    name: subnet.name,
    tenant_id: subnet.projectId,
    network_id: subnet.networkId,
    ip_version: 4,
    subnetpool_id: null,
    enable_dhcp: subnet.enableDhcp,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    gateway_ip: `${stem}.1`,
    cidr: subnet.cidr,
    allocation_pools: [{ start: `${stem}.2`, end: `${stem}.254` }],
    host_routes: [],
    dns_nameservers: [],
    description: "",
    service_types: [],
    tags: [],
    created_at: seconds(subnet.createdAt),
    updated_at: seconds(subnet.createdAt),
    revision_number: 0,
    project_id: subnet.projectId,
  };
}

/** Two ranges overlap where one holds the other's first address. */
function overlap(left: string, right: string): boolean {
  const [a, b] = [rangeOf(left), rangeOf(right)];
  return a.first <= b.last && b.first <= a.last;
}

function rangeOf(cidr: string): { first: number; last: number } {
  const [address = "", bits = "32"] = cidr.split("/");
  const value = address.split(".").reduce((total, part) => total * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}
