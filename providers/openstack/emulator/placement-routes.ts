import { Hono } from "hono";
import { z } from "zod";
import { adminOf, bodyOf, type Ctx, type Env } from "./context.ts";
import type { HostRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";
import { capacityOf, usedOn } from "./servers.ts";

const UNITS = ["VCPU", "MEMORY_MB", "DISK_GB"] as const;
const TRAITS = ["COMPUTE_NODE", "COMPUTE_NET_ATTACH_INTERFACE", "COMPUTE_TRUSTED_CERTS"];

export function placementRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const at = "/placement";
  const one = `${at}/resource_providers/:provider` as const;

  app.get(`${at}/`, (c) => {
    const links = [{ rel: "self", href: "" }];
    const version = { id: "v1.0", max_version: "1.39", min_version: "1.0", status: "CURRENT", links };
    return c.json({ versions: [version] });
  });
  app.get(`${at}/resource_providers`, (c) => {
    adminOf(c, "placement:resource_providers:list");
    const { name } = c.req.query();
    const hosts = c
      .get("state")
      .all("hosts")
      .filter((host) => name === undefined || host.name === name);
    return c.json({ resource_providers: hosts.map(providerWire) });
  });
  app.get(`${one}/inventories`, (c) => c.json(inventoriesOf(hostOf(c))));
  app.put(`${one}/inventories`, async (c) => {
    const Given = z.object({
      resource_provider_generation: z.int(),
      inventories: z.record(z.string(), z.looseObject({ allocation_ratio: z.number() })),
    });
    const given = await bodyOf(c, Given);
    const host = hostOf(c);
    if (given.resource_provider_generation !== host.generation) {
      const say =
        "There was a conflict when trying to complete your request.\n\n resource provider generation conflict  ";
      throw new Refusal(409, "placement.concurrent_update", say);
    }
    const ratio = { ...host.ratio };
    for (const unit of UNITS) ratio[unit] = given.inventories[unit]?.allocation_ratio ?? ratio[unit];
    const changed = { ...host, ratio, generation: host.generation + 1 };
    c.get("state").put("hosts", host.id, changed);
    return c.json(inventoriesOf(changed));
  });
  app.get(`${one}/usages`, (c) => {
    const host = hostOf(c);
    const usages = Object.fromEntries(UNITS.map((unit) => [unit, usedOn(c.get("state"), host, unit)]));
    return c.json({ resource_provider_generation: host.generation, usages });
  });
  app.get(`${one}/traits`, (c) => {
    const host = hostOf(c);
    const arch = `HW_ARCH_${host.architecture.toUpperCase()}`;
    return c.json({ traits: [...TRAITS, arch], resource_provider_generation: host.generation });
  });

  app.get(`${at}/allocation_candidates`, (c) => {
    adminOf(c, "placement:allocation_candidates:list");
    const wanted = wantedIn(c);
    const state = c.get("state");
    const fitting = state
      .all("hosts")
      .filter((host) =>
        wanted.every(([unit, amount]) => usedOn(state, host, unit) + amount <= capacityOf(host, unit)),
      );
    const resources = Object.fromEntries(wanted);
    return c.json({
      allocation_requests: fitting.map(({ id }) => ({
        allocations: { [id]: { resources } },
        mappings: { "": [id] },
      })),
      provider_summaries: Object.fromEntries(
        fitting.map((host) => [
          host.id,
          {
            resources: Object.fromEntries(
              UNITS.map((unit) => [
                unit,
                { capacity: capacityOf(host, unit), used: usedOn(state, host, unit) },
              ]),
            ),
            traits: TRAITS,
            parent_provider_uuid: null,
            root_provider_uuid: host.id,
          },
        ]),
      ),
    });
  });
  app.get(`${at}/allocations/:consumer`, (c) => {
    adminOf(c, "placement:allocations:list");
    const state = c.get("state");
    const server = state.get("servers", c.req.param("consumer"));
    const host = state.all("hosts").find(({ name }) => name === server?.host);
    if (server === undefined || host === undefined) return c.json({ allocations: {} });
    const { disk: DISK_GB, ram: MEMORY_MB, vcpus: VCPU } = server.flavor;
    return c.json({
      allocations: { [host.id]: { resources: { DISK_GB, MEMORY_MB, VCPU }, generation: host.generation } },
      project_id: server.projectId,
      user_id: server.userId,
      consumer_generation: 1,
      consumer_type: "unknown",
    });
  });
  return app;
}

function wantedIn(c: Ctx): [(typeof UNITS)[number], number][] {
  return (c.req.query("resources") ?? "").split(",").map((part) => {
    const [name, amount] = part.split(":");
    const unit = UNITS.find((known) => known === name);
    if (unit === undefined) throw new Refusal(400, "", `Badly formed resources parameter: ${part}`);
    return [unit, Number(amount)];
  });
}

function hostOf(c: Ctx): HostRecord {
  adminOf(c, "placement:resource_providers:show");
  const id = c.req.param("provider") ?? "";
  const host = c.get("state").get("hosts", id);
  if (host === undefined) throw notFound("", `No resource provider with uuid ${id} found`);
  return host;
}

function providerWire({ id, name, generation }: HostRecord) {
  const self = `/resource_providers/${id}`;
  const parts = ["inventories", "usages", "aggregates", "traits", "allocations"];
  return {
    uuid: id,
    name,
    generation,
    links: [{ rel: "self", href: self }, ...parts.map((rel) => ({ rel, href: `${self}/${rel}` }))],
    parent_provider_uuid: null,
    root_provider_uuid: id,
  };
}

function inventoriesOf(host: HostRecord) {
  const inventories = Object.fromEntries(
    UNITS.map((unit) => [
      unit,
      {
        total: host.total[unit],
        reserved: 0,
        min_unit: 1,
        max_unit: Math.max(1, host.total[unit]),
        step_size: 1,
        allocation_ratio: host.ratio[unit],
      },
    ]),
  );
  return { resource_provider_generation: host.generation, inventories };
}
