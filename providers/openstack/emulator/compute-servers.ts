import { Hono } from "hono";
import { z } from "zod";
import type { DelayRange } from "../../emulation/kind.ts";
import { bodyOf, type Caller, type Ctx, callerOf, type Env } from "./context.ts";
import { bindPort, newPort } from "./network-ports.ts";
import { addressOf, serverLinks } from "./places.ts";
import { admit } from "./quota.ts";
import type { FlavorRecord, ServerRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";
import { act, ServerAction } from "./server-actions.ts";
import { serverWire } from "./server-wire.ts";
import { newServerId, placeServer, taskUntil } from "./servers.ts";

const NewServer = z.object({
  server: z.object({
    name: z.string().min(1).max(255),
    flavorRef: z.string(),
    imageRef: z.string(),
    networks: z.array(z.object({ port: z.string().optional(), uuid: z.string().optional() })),
    security_groups: z.array(z.object({ name: z.string() })).default([{ name: "default" }]),
    availability_zone: z.string().nullable().default(null),
    metadata: z.record(z.string(), z.string().max(255)).default({}),
    tags: z.array(z.string()).default([]),
  }),
});

export function serverRoutes(delay: DelayRange): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/compute/v2.1/servers";
  app.post(path, async (c) => {
    const caller = callerOf(c);
    const { server: given } = await bodyOf(c, NewServer);
    const server = createServer(c, caller, given, delay);
    return c.json(
      {
        server: {
          id: server.id,
          links: serverLinks(c.get("base"), server.id),
          "OS-DCF:diskConfig": "MANUAL",
          security_groups: given.security_groups.map(({ name }) => ({ name })),
          adminPass: server.id.slice(0, 12),
        },
      },
      202,
      { location: `${addressOf(c.get("base"), "compute")}/servers/${server.id}` },
    );
  });

  app.get(path, (c) => {
    const { page, links } = pageOf(c, found(c, callerOf(c)));
    const servers = page.map((one) => ({
      id: one.id,
      name: one.name,
      links: serverLinks(c.get("base"), one.id),
    }));
    return c.json({ servers, ...links });
  });
  app.get(`${path}/detail`, (c) => {
    const { page, links } = pageOf(c, found(c, callerOf(c)));
    // Lists leave out what only a look at the server itself shows.
    const servers = page.map((one) => {
      const { server_groups: _groups, ...wire } = serverWire(c, one);
      return { ...wire, fault: undefined };
    });
    return c.json({ servers, ...links });
  });
  app.get(`${path}/:server`, (c) => {
    callerOf(c);
    return c.json({ server: serverWire(c, serverOf(c)) });
  });

  app.delete(`${path}/:server`, (c) => {
    callerOf(c);
    const server = serverOf(c);
    const state = c.get("state");
    if (server.task !== "deleting") {
      const until = taskUntil(state, delay, server.id, "delete");
      state.put("servers", server.id, { ...server, task: "deleting", taskUntil: until });
    }
    return c.body(null, 204);
  });

  app.post(`${path}/:server/metadata`, async (c) => {
    callerOf(c);
    const { metadata } = await bodyOf(c, z.object({ metadata: z.record(z.string(), z.string().max(255)) }));
    const server = serverOf(c);
    const merged = { ...server.metadata, ...metadata };
    c.get("state").put("servers", server.id, { ...server, metadata: merged });
    return c.json({ metadata: merged });
  });
  app.delete(`${path}/:server/metadata/:key`, (c) => {
    callerOf(c);
    const server = serverOf(c);
    const key = c.req.param("key");
    const { [key]: gone, ...metadata } = server.metadata;
    if (gone === undefined) throw notFound("itemNotFound", "Metadata item was not found");
    c.get("state").put("servers", server.id, { ...server, metadata });
    return c.body(null, 204);
  });

  app.post(`${path}/:server/action`, async (c) => {
    callerOf(c);
    const action = await bodyOf(c, ServerAction);
    const status = act(c.get("state"), serverOf(c), action, delay);
    return c.body(null, status);
  });
  return app;
}

function createServer(
  c: Ctx,
  caller: Caller,
  given: z.output<typeof NewServer>["server"],
  delay: DelayRange,
): ServerRecord {
  const state = c.get("state");
  const flavor = state.get("flavors", given.flavorRef);
  if (flavor === undefined) {
    throw new Refusal(400, "badRequest", `Flavor ${given.flavorRef} could not be found.`);
  }
  const image = state.get("images", given.imageRef);
  if (image === undefined || image.size === null) {
    throw new Refusal(400, "badRequest", "Can not find requested image");
  }
  const zones = new Set(state.all("hosts").map(({ zone }) => zone));
  if (given.availability_zone !== null && !zones.has(given.availability_zone)) {
    throw new Refusal(400, "badRequest", "The requested availability zone is not available");
  }
  const { projectId } = caller;
  const ports = given.networks.flatMap(({ port }) => (port === undefined ? [] : [freePort(c, port)]));
  admit(state, projectId, { cores: flavor.vcpus, ram: flavor.ram, instances: 1 });
  const wanted = { zone: given.availability_zone, architecture: image.architecture, flavor };
  const host = placeServer(state, wanted);
  const id = newServerId();
  const now = state.now();
  const server: ServerRecord = {
    id,
    name: given.name,
    projectId,
    userId: caller.userId,
    metadata: given.metadata,
    tags: given.tags,
    imageId: image.id,
    flavor: copyOf(flavor),
    oldFlavor: null,
    host: host?.name ?? null,
    zone: host?.zone ?? "",
    vm: "building",
    task: "spawning",
    taskUntil: taskUntil(state, delay, projectId, given.name),
    createdAt: now,
    updatedAt: now,
  };
  state.put("servers", id, server);
  if (host === null) return server;
  for (const port of ports) bindPort(state, port, id);
  const groups = given.security_groups.flatMap(({ name }) => groupNamed(c, projectId, name));
  for (const { uuid } of given.networks) {
    if (uuid === undefined) continue;
    const port = newPort(c, projectId, uuid, { security_groups: groups });
    bindPort(state, { ...port, ofServer: true }, id);
  }
  return server;
}

function groupNamed(c: Ctx, projectId: string, name: string): string[] {
  const all = c.get("state").all("securityGroups");
  return all.filter((group) => group.projectId === projectId && group.name === name).map(({ id }) => id);
}

function copyOf({ id, name, vcpus, ram, disk }: FlavorRecord): FlavorRecord {
  return { id, name, vcpus, ram, disk };
}

function freePort(c: Ctx, id: string) {
  const port = c.get("state").get("ports", id);
  if (port === undefined) throw new Refusal(400, "badRequest", `Port id ${id} could not be found.`);
  if (port.deviceId !== "") throw new Refusal(409, "conflictingRequest", `Port ${id} is still in use.`);
  return port;
}

/** Without `all_tenants` a caller sees its own project, whatever it asks for. */
function found(c: Ctx, caller: Caller): ServerRecord[] {
  const { all_tenants, project_id, name, tags } = c.req.query();
  const everywhere = caller.isAdmin && all_tenants !== undefined && all_tenants !== "0";
  const pattern = name === undefined ? null : new RegExp(name);
  return c
    .get("state")
    .all("servers")
    .filter(({ projectId }) =>
      everywhere ? project_id === undefined || projectId === project_id : projectId === caller.projectId,
    )
    .filter((server) => pattern === null || pattern.test(server.name))
    .filter((server) => tags === undefined || tags.split(",").every((tag) => server.tags.includes(tag)))
    .sort((left, right) => right.createdAt - left.createdAt || (left.id < right.id ? 1 : -1));
}

const PAGE_MAX = 1000;

function pageOf(c: Ctx, servers: readonly ServerRecord[]) {
  const { limit, marker } = c.req.query();
  const size = Math.min(limit === undefined ? PAGE_MAX : Number(limit), PAGE_MAX);
  if (!Number.isInteger(size) || size < 0)
    throw new Refusal(400, "badRequest", "limit param must be an integer");
  const at = marker === undefined ? -1 : servers.findIndex(({ id }) => id === marker);
  if (marker !== undefined && at < 0) throw new Refusal(400, "badRequest", `marker [${marker}] not found`);
  const page = servers.slice(at + 1, at + 1 + size);
  const last = page.at(-1);
  if (last === undefined || at + 1 + size >= servers.length) return { page, links: {} };
  const url = new URL(
    `${addressOf(c.get("base"), "compute")}/servers${c.req.path.endsWith("/detail") ? "/detail" : ""}`,
  );
  for (const [key, value] of Object.entries(c.req.query())) url.searchParams.set(key, value);
  url.searchParams.set("marker", last.id);
  return { page, links: { servers_links: [{ rel: "next", href: url.href }] } };
}

function serverOf(c: Ctx): ServerRecord {
  const id = c.req.param("server") ?? "";
  const server = c.get("state").get("servers", id);
  const caller = callerOf(c);
  if (server === undefined || (!caller.isAdmin && server.projectId !== caller.projectId)) {
    throw notFound("itemNotFound", `Instance ${id} could not be found.`);
  }
  return server;
}
