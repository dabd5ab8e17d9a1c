import { Hono } from "hono";
import { usedByTenancy } from "./capacity.ts";
import { bodyOf, clientTokenOf, type Deps, type Env, keep, sceneOf } from "./context.ts";
import { createInstance, InstancePatch, NewInstance, removeInstance, resizeInstance } from "./instances.ts";
import { visibleInstances, visibleTenancies } from "./lists.ts";
import { pageOf } from "./pages.ts";
import { OwnershipMark } from "./records.ts";
import { notFound } from "./refusal.ts";
import { instanceIn, tenancyIn } from "./scene.ts";
import {
  adoptTenancy,
  changeTenancy,
  createTenancy,
  NewTenancy,
  removeTenancy,
  TenancyPatch,
} from "./tenancies.ts";
import { instanceView, networkView, poolViews, tenancyView } from "./views.ts";

/** What a tenant of the cloud's operator sees: the API that the adapter speaks. */
export function cloudRoutes(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  const base = "/simulated/:cloud/v1";
  const tenancy = `${base}/tenancies/:tenancy` as const;
  const instance = `${tenancy}/instances/:instance` as const;

  app.get(`${base}/version`, (c) =>
    c.json({ version: sceneOf(deps, c.req.param("cloud")).cloud.record.version }),
  );
  app.get(`${base}/pools`, (c) => c.json({ pools: poolViews(sceneOf(deps, c.req.param("cloud")).cloud) }));
  app.get(`${base}/images`, (c) =>
    c.json({ images: sceneOf(deps, c.req.param("cloud")).cloud.record.images }),
  );

  app.get(`${base}/tenancies`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const treatment = c.get("treatment");
    const page = pageOf(visibleTenancies(scene, treatment), c.req.query());
    return c.json({
      items: page.items.map((item) => tenancyView(item, scene.now)),
      next: page.next,
      partial: treatment.partial,
    });
  });
  app.post(`${base}/tenancies`, async (c) => {
    const input = await bodyOf(c, NewTenancy);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const { value, status } = keep(deps, createTenancy(scene, input, clientTokenOf(c)));
    return c.json(tenancyView(value, scene.now), status);
  });
  app.get(tenancy, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    return c.json(tenancyView(tenancyIn(scene, c.req.param("tenancy")), scene.now));
  });
  app.patch(tenancy, async (c) => {
    const patch = await bodyOf(c, TenancyPatch);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const { value } = keep(deps, changeTenancy(scene, c.req.param("tenancy"), patch));
    return c.json(tenancyView(value, scene.now));
  });
  app.put(`${tenancy}/ownership`, async (c) => {
    const ownership = await bodyOf(c, OwnershipMark);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const { value } = keep(deps, adoptTenancy(scene, c.req.param("tenancy"), ownership));
    return c.json(tenancyView(value, scene.now));
  });
  app.delete(tenancy, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const { value } = keep(deps, removeTenancy(scene, c.req.param("tenancy")));
    return c.json(tenancyView(value, scene.now), 202);
  });

  app.get(`${tenancy}/networks`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    return c.json({ networks: [networkView(tenancyIn(scene, c.req.param("tenancy")))] });
  });
  app.get(`${tenancy}/usage`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const { name } = tenancyIn(scene, c.req.param("tenancy"));
    return c.json({ used: usedByTenancy(scene.cloud, name) });
  });
  app.get(`${base}/wipe-receipts/:tenancy`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const name = c.req.param("tenancy");
    const receipt = scene.cloud.receipts.get(name);
    if (receipt === undefined || scene.cloud.tenancies.has(name)) throw notFound(`wipe receipt of ${name}`);
    return c.json({ ...receipt, wipedAt: new Date(receipt.wipedAt).toISOString() });
  });

  app.get(`${tenancy}/instances`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const owner = tenancyIn(scene, c.req.param("tenancy"));
    const treatment = c.get("treatment");
    const page = pageOf(visibleInstances(scene, owner.name, treatment), c.req.query());
    return c.json({
      items: page.items.map((item) => instanceView(item, owner, scene.now)),
      next: page.next,
      partial: treatment.partial,
    });
  });
  app.post(`${tenancy}/instances`, async (c) => {
    const input = await bodyOf(c, NewInstance);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const owner = tenancyIn(scene, c.req.param("tenancy"));
    const { value, status } = keep(deps, createInstance(scene, owner.name, input, clientTokenOf(c)));
    return c.json(instanceView(value, owner, scene.now), status);
  });
  app.get(instance, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const owner = tenancyIn(scene, c.req.param("tenancy"));
    return c.json(instanceView(instanceIn(scene, owner.name, c.req.param("instance")), owner, scene.now));
  });
  app.patch(instance, async (c) => {
    const size = await bodyOf(c, InstancePatch);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const owner = tenancyIn(scene, c.req.param("tenancy"));
    const { value } = keep(deps, resizeInstance(scene, owner.name, c.req.param("instance"), size));
    return c.json(instanceView(value, owner, scene.now));
  });
  app.delete(instance, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const owner = tenancyIn(scene, c.req.param("tenancy"));
    const { value } = keep(deps, removeInstance(scene, owner.name, c.req.param("instance")));
    return c.json(instanceView(value, owner, scene.now), 202);
  });
  return app;
}
