import { Hono } from "hono";
import { z } from "zod";
import { adminOf, bodyOf, type Ctx, callerOf, type Env, micros } from "./context.ts";
import { uuidOf } from "./declare.ts";
import { addressOf } from "./places.ts";
import { COMPUTE_DEFAULTS, computeQuota, inUse } from "./quota.ts";
import type { FlavorRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";
import { usedOn } from "./servers.ts";

const Flavor = z.object({
  flavor: z.object({
    id: z.string().nullable().optional(),
    name: z.string().min(1),
    vcpus: z.int().min(1),
    ram: z.int().min(1),
    disk: z.int().min(0),
  }),
});

/** Versions, flavors, quotas, zones and hypervisors. */
export function settingRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const at = "/compute/v2.1";
  const current = (c: Ctx) => ({
    id: "v2.1",
    status: "CURRENT",
    version: "2.93",
    min_version: "2.1",
    updated: "2013-07-23T11:33:21Z",
    links: [{ rel: "self", href: `${addressOf(c.get("base"), "compute")}/` }],
  });
  app.get("/compute/", (c) => {
    const old = { ...current(c), id: "v2.0", status: "SUPPORTED", version: "", min_version: "" };
    return c.json({ versions: [old, current(c)] });
  });
  app.get(`${at}/`, (c) => c.json({ version: { ...current(c), "media-types": [] } }));

  app.get(`${at}/flavors/detail`, (c) => {
    callerOf(c);
    return c.json({
      flavors: c
        .get("state")
        .all("flavors")
        .map((one) => flavorWire(c, one)),
    });
  });
  app.get(`${at}/flavors/:flavor`, (c) => {
    callerOf(c);
    return c.json({ flavor: flavorWire(c, flavorOf(c)) });
  });
  app.post(`${at}/flavors`, async (c) => {
    adminOf(c, "os_compute_api:os-flavor-manage:create");
    const { flavor: given } = await bodyOf(c, Flavor);
    const state = c.get("state");
    const taken = (say: string) => new Refusal(409, "conflictingRequest", say);
    if (state.all("flavors").some(({ name }) => name === given.name)) {
      throw taken(`Flavor with name ${given.name} already exists.`);
    }
    const id = given.id ?? uuidOf("flavor", given.name, String(state.now()));
    if (state.get("flavors", id) !== undefined) throw taken(`Flavor with ID ${id} already exists.`);
    const flavor = { id, name: given.name, vcpus: given.vcpus, ram: given.ram, disk: given.disk };
    state.put("flavors", id, flavor);
    return c.json({ flavor: flavorWire(c, flavor) });
  });
  app.delete(`${at}/flavors/:flavor`, (c) => {
    adminOf(c, "os_compute_api:os-flavor-manage:delete");
    c.get("state").drop("flavors", flavorOf(c).id);
    return c.body(null, 202);
  });

  const quotas = `${at}/os-quota-sets/:project` as const;
  app.get(quotas, (c) => {
    callerOf(c);
    const id = c.req.param("project");
    return c.json({ quota_set: { id, ...computeQuota(c.get("state"), id) } });
  });
  app.get(`${quotas}/detail`, (c) => {
    callerOf(c);
    const state = c.get("state");
    const id = c.req.param("project");
    const used = inUse(state, id);
    const details = Object.entries(computeQuota(state, id)).map(([name, limit]) => [
      name,
      { limit, in_use: used[name] ?? 0, reserved: 0 },
    ]);
    return c.json({ quota_set: { id, ...Object.fromEntries(details) } });
  });
  app.put(quotas, async (c) => {
    adminOf(c, "os_compute_api:os-quota-sets:update");
    const { quota_set: given } = await bodyOf(c, z.object({ quota_set: z.record(z.string(), z.int()) }));
    const state = c.get("state");
    const id = c.req.param("project");
    const used = inUse(state, id);
    for (const [name, limit] of Object.entries(given)) checkLimit(name, limit, used[name] ?? 0);
    state.put("computeQuotas", id, { ...state.get("computeQuotas", id), ...given });
    return c.json({ quota_set: computeQuota(state, id) });
  });
  app.delete(quotas, (c) => {
    adminOf(c, "os_compute_api:os-quota-sets:delete");
    c.get("state").drop("computeQuotas", c.req.param("project"));
    return c.body(null, 202);
  });
  app.get(`${at}/limits`, (c) => {
    const { projectId } = callerOf(c);
    const state = c.get("state");
    const limits = computeQuota(state, projectId);
    const used = inUse(state, projectId);
    const absolute = {
      maxTotalInstances: limits.instances,
      maxTotalCores: limits.cores,
      maxTotalRAMSize: limits.ram,
      maxServerMeta: limits.metadata_items,
      maxTotalKeypairs: limits.key_pairs,
      maxServerGroups: limits.server_groups,
      maxServerGroupMembers: limits.server_group_members,
      totalRAMUsed: used.ram,
      totalCoresUsed: used.cores,
      totalInstancesUsed: used.instances,
      totalServerGroupsUsed: 0,
    };
    return c.json({ limits: { rate: [], absolute } });
  });

  app.get(`${at}/os-availability-zone/detail`, (c) => {
    adminOf(c, "os_compute_api:os-availability-zone:detail");
    const hosts = c.get("state").all("hosts");
    const beat = { available: true, active: true, updated_at: micros(c.get("state").now()).replace("Z", "") };
    const control = { vm: { "nova-scheduler": beat, "nova-conductor": beat } };
    const zones = [...new Set(hosts.map(({ zone }) => zone))].map((zoneName) => ({
      zoneName,
      zoneState: { available: true },
      hosts: Object.fromEntries(
        hosts.filter(({ zone }) => zone === zoneName).map(({ name }) => [name, { "nova-compute": beat }]),
      ),
    }));
    const internal = { zoneName: "internal", zoneState: { available: true }, hosts: control };
    return c.json({ availabilityZoneInfo: [internal, ...zones] });
  });
  app.get(`${at}/os-aggregates`, (c) => {
    adminOf(c, "os_compute_api:os-aggregates:index");
    // "nova" is where hosts are that no aggregate has put into a zone.
    const zones = new Set(
      c
        .get("state")
        .all("hosts")
        .map(({ zone }) => zone),
    );
    const aggregates = [...zones]
      .filter((zone) => zone !== "nova")
      .map((zone, index) => ({
        id: index + 1,
        uuid: uuidOf("aggregate", zone),
        name: zone,
        availability_zone: zone,
        hosts: c
          .get("state")
          .all("hosts")
          .filter((host) => host.zone === zone)
          .map(({ name }) => name),
        metadata: { availability_zone: zone },
        created_at: micros(0).replace("Z", ""),
        updated_at: null,
        deleted: false,
        deleted_at: null,
      }));
    return c.json({ aggregates });
  });
  app.get(`${at}/os-hypervisors/detail`, (c) => {
    adminOf(c, "os_compute_api:os-hypervisors:list-detail");
    const state = c.get("state");
    const hypervisors = state.all("hosts").map((host) => {
      const vcpus_used = usedOn(state, host, "VCPU");
      const memory_mb_used = usedOn(state, host, "MEMORY_MB");
      const local_gb_used = usedOn(state, host, "DISK_GB");
      return {
        id: host.id,
        hypervisor_hostname: host.name,
        state: "up",
        status: "enabled",
        hypervisor_type: "fake",
        hypervisor_version: 1000,
        host_ip: "127.0.0.1",
        service: { id: host.serviceId, host: host.name, disabled_reason: null },
        vcpus: host.total.VCPU,
        memory_mb: host.total.MEMORY_MB,
        local_gb: host.total.DISK_GB,
        vcpus_used,
        memory_mb_used,
        local_gb_used,
        free_ram_mb: host.total.MEMORY_MB - memory_mb_used,
        free_disk_gb: host.total.DISK_GB - local_gb_used,
        current_workload: 0,
        running_vms: state.all("servers").filter((server) => server.host === host.name).length,
        disk_available_least: 0,
        cpu_info: {
          arch: host.architecture,
          model: "emulated",
          vendor: "emulated",
          features: ["emulated"],
          topology: { cores: 1, threads: 1, sockets: 4 },
        },
      };
    });
    return c.json({ hypervisors });
  });
  return app;
}

function checkLimit(name: string, limit: number, used: number): void {
  if (!(name in COMPUTE_DEFAULTS)) {
    throw new Refusal(400, "badRequest", `Additional properties are not allowed ('${name}' was unexpected)`);
  }
  if (limit < -1) {
    const say = `Invalid input for field/attribute ${name}. Value: ${limit}. ${limit} is less than the minimum of -1`;
    throw new Refusal(400, "badRequest", say);
  }
  if (limit >= 0 && limit < used) {
    const say = `Quota limit ${limit} for ${name} must be greater than or equal to already used and reserved ${used}.`;
    throw new Refusal(400, "badRequest", say);
  }
}

function flavorOf(c: Ctx): FlavorRecord {
  const id = c.req.param("flavor") ?? "";
  const flavor = c.get("state").get("flavors", id);
  if (flavor === undefined) throw notFound("itemNotFound", `Flavor ${id} could not be found.`);
  return flavor;
}

function flavorWire(c: Ctx, flavor: FlavorRecord) {
  const self = `${addressOf(c.get("base"), "compute")}/flavors/${flavor.id}`;
  return {
    ...{ id: flavor.id, name: flavor.name, ram: flavor.ram, disk: flavor.disk, swap: 0 },
    "OS-FLV-EXT-DATA:ephemeral": 0,
    "OS-FLV-DISABLED:disabled": false,
    vcpus: flavor.vcpus,
    "os-flavor-access:is_public": true,
    rxtx_factor: 1,
    links: [
      { rel: "self", href: self },
      { rel: "bookmark", href: self.replace("/v2.1", "") },
    ],
    description: null,
    extra_specs: {},
  };
}
