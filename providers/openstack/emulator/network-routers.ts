import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, type Ctx, callerOf, type Env, seconds } from "./context.ts";
import { newPort } from "./network-ports.ts";
import type { RouterRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

const NewRouter = z.object({
  router: z.object({
    name: z.string().default(""),
    project_id: z.string().optional(),
    external_gateway_info: z.object({ network_id: z.string() }).nullable().default(null),
  }),
});

const Interface = z.union([z.object({ subnet_id: z.string() }), z.object({ port_id: z.string() })]);

const ROUTER_PORT = "network:router_interface";

/** Neutron's extension `router`, for clouds that have it. */
export function routerRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/network/v2.0/routers";
  app.use(`${path}/*`, async (c, next) => {
    if (!c.get("state").features.routers) throw notFound("HTTPNotFound", "The resource could not be found.");
    await next();
  });
  app.get(path, (c) => {
    callerOf(c);
    const { project_id, name } = c.req.query();
    const found = c
      .get("state")
      .all("routers")
      .filter((router) => project_id === undefined || router.projectId === project_id)
      .filter((router) => name === undefined || router.name === name);
    return c.json({ routers: found.map(routerWire) });
  });
  app.post(path, async (c) => {
    const caller = callerOf(c);
    const { router: given } = await bodyOf(c, NewRouter);
    const state = c.get("state");
    const gateway = given.external_gateway_info?.network_id ?? null;
    if (gateway !== null && state.get("networks", gateway) === undefined) {
      throw notFound("NetworkNotFound", `Network ${gateway} could not be found.`);
    }
    const projectId = given.project_id ?? caller.projectId;
    const router = { id: randomUUID(), name: given.name, projectId, gateway, createdAt: state.now() };
    state.put("routers", router.id, router);
    return c.json({ router: routerWire(router) }, 201);
  });
  app.get(`${path}/:router`, (c) => {
    callerOf(c);
    return c.json({ router: routerWire(routerOf(c)) });
  });
  app.delete(`${path}/:router`, (c) => {
    callerOf(c);
    const { id } = routerOf(c);
    if (interfacesOf(c, id).length > 0) {
      throw new Refusal(409, "RouterInUse", `Router ${id} still has ports`);
    }
    c.get("state").drop("routers", id);
    return c.body(null, 204);
  });
  app.put(`${path}/:router/add_router_interface`, async (c) => {
    callerOf(c);
    const router = routerOf(c);
    const given = await bodyOf(c, z.object({ subnet_id: z.string() }));
    const state = c.get("state");
    const subnet = state.get("subnets", given.subnet_id);
    if (subnet === undefined) {
      throw notFound("SubnetNotFound", `Subnet ${given.subnet_id} could not be found.`);
    }
    if (interfacesOf(c, router.id).some((port) => port.subnetId === subnet.id)) {
      const say = `Bad router request: Router already has a port on subnet ${subnet.id}.`;
      throw new Refusal(400, "BadRequest", say);
    }
    const made = newPort(c, router.projectId, subnet.networkId);
    const port = { ...made, deviceId: router.id, deviceOwner: ROUTER_PORT };
    state.put("ports", port.id, port);
    return c.json(interfaceWire(router, port.id, subnet.id, subnet.networkId));
  });
  app.put(`${path}/:router/remove_router_interface`, async (c) => {
    callerOf(c);
    const router = routerOf(c);
    const given = await bodyOf(c, Interface);
    const port = interfacesOf(c, router.id).find((one) =>
      "port_id" in given ? one.id === given.port_id : one.subnetId === given.subnet_id,
    );
    if (port === undefined) {
      const say = `Router ${router.id} has no interface on ${JSON.stringify(given)}`;
      throw notFound("RouterInterfaceNotFound", say);
    }
    c.get("state").drop("ports", port.id);
    return c.json(interfaceWire(router, port.id, port.subnetId ?? "", port.networkId));
  });
  return app;
}

function interfacesOf(c: Ctx, routerId: string) {
  const ports = c.get("state").all("ports");
  return ports.filter(({ deviceId, deviceOwner }) => deviceId === routerId && deviceOwner === ROUTER_PORT);
}

function routerOf(c: Ctx): RouterRecord {
  const id = c.req.param("router") ?? "";
  const router = c.get("state").get("routers", id);
  if (router === undefined) throw notFound("RouterNotFound", `Router ${id} could not be found`);
  return router;
}

function interfaceWire({ id, projectId }: RouterRecord, portId: string, subnetId: string, networkId: string) {
  return {
    id,
    tenant_id: projectId,
    port_id: portId,
    network_id: networkId,
    subnet_id: subnetId,
    subnet_ids: [subnetId],
  };
}

function routerWire({ id, name, projectId, gateway, createdAt }: RouterRecord) {
  return {
    id,
    name,
    tenant_id: projectId,
    project_id: projectId,
    admin_state_up: true,
    status: "ACTIVE",
    external_gateway_info: gateway === null ? null : { network_id: gateway, external_fixed_ips: [] },
    description: "",
    routes: [],
    tags: [],
    created_at: seconds(createdAt),
    updated_at: seconds(createdAt),
    revision_number: 1,
  };
}
