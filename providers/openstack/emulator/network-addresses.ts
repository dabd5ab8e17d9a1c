import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, callerOf, type Env, seconds } from "./context.ts";
import { networkQuota } from "./quota.ts";
import type { FloatingIpRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

const NewAddress = z.object({
  floatingip: z.object({ floating_network_id: z.string(), project_id: z.string().optional() }),
});

/** RFC 5737: addresses that lead nowhere. */
const STEM = "203.0.113";

/** Public addresses, for clouds with routers; a project has as many as its quota allows. */
export function addressRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/network/v2.0/floatingips";
  app.use(`${path}/*`, async (c, next) => {
    if (!c.get("state").features.routers) throw notFound("HTTPNotFound", "The resource could not be found.");
    await next();
  });
  app.get(path, (c) => {
    callerOf(c);
    const { project_id } = c.req.query();
    const all = c.get("state").all("floatingIps");
    const found = all.filter((one) => project_id === undefined || one.projectId === project_id);
    return c.json({ floatingips: found.map(addressWire) });
  });
  app.post(path, async (c) => {
    const caller = callerOf(c);
    const { floatingip: given } = await bodyOf(c, NewAddress);
    const state = c.get("state");
    const projectId = given.project_id ?? caller.projectId;
    const held = state.all("floatingIps").filter((one) => one.projectId === projectId).length;
    const limit = networkQuota(state, projectId).floatingip ?? -1;
    if (limit >= 0 && held >= limit) {
      throw new Refusal(409, "OverQuota", "Quota exceeded for resources: ['floatingip'].");
    }
    const address = `${STEM}.${state.all("floatingIps").length + 1}`;
    const one = { id: randomUUID(), projectId, networkId: given.floating_network_id, address };
    state.put("floatingIps", one.id, { ...one, createdAt: state.now() });
    return c.json({ floatingip: addressWire({ ...one, createdAt: state.now() }) }, 201);
  });
  app.delete(`${path}/:address`, (c) => {
    callerOf(c);
    const id = c.req.param("address");
    if (c.get("state").get("floatingIps", id) === undefined) {
      throw notFound("FloatingIPNotFound", `Floating IP ${id} could not be found`);
    }
    c.get("state").drop("floatingIps", id);
    return c.body(null, 204);
  });
  return app;
}

function addressWire({ id, projectId, networkId, address, createdAt }: FloatingIpRecord) {
  return {
    id,
    tenant_id: projectId,
    project_id: projectId,
    floating_network_id: networkId,
    floating_ip_address: address,
    fixed_ip_address: null,
    port_id: null,
    router_id: null,
    status: "DOWN",
    description: "",
    tags: [],
    created_at: seconds(createdAt),
    updated_at: seconds(createdAt),
    revision_number: 0,
  };
}
