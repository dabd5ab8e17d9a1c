import { Hono } from "hono";
import { type Administrator, bodyOf, type Deps, keep, sceneOf } from "./context.ts";
import {
  destroyInstance,
  destroyTenancy,
  driftInstance,
  driftTenancy,
  ForeignTenancy,
  foreignTenancy,
  InstanceDrift,
  TenancyDrift,
} from "./drift.ts";
import { answerError, Refusal } from "./refusal.ts";
import { tenancyView } from "./views.ts";

/** Makes happen behind the control plane's back what an operator of the cloud could do. */
export function administratorRoutes(deps: Deps): Hono<Administrator> {
  const app = new Hono<Administrator>();
  const cloud = "/:cloud";
  const tenancy = `${cloud}/tenancies/:tenancy` as const;
  const instance = `${tenancy}/instances/:instance` as const;

  app.post(`${cloud}/tenancies`, async (c) => {
    const input = await bodyOf(c, ForeignTenancy);
    const scene = sceneOf(deps, c.req.param("cloud"));
    return c.json(tenancyView(keep(deps, foreignTenancy(scene, input)).value, scene.now), 201);
  });
  app.patch(tenancy, async (c) => {
    const drift = await bodyOf(c, TenancyDrift);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const { value } = keep(deps, driftTenancy(scene, c.req.param("tenancy"), drift));
    return c.json(tenancyView(value, scene.now));
  });
  app.delete(tenancy, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    deps.store.commit(destroyTenancy(scene, c.req.param("tenancy")));
    return c.body(null, 204);
  });
  app.patch(instance, async (c) => {
    const drift = await bodyOf(c, InstanceDrift);
    const scene = sceneOf(deps, c.req.param("cloud"));
    deps.store.commit(driftInstance(scene, c.req.param("tenancy"), c.req.param("instance"), drift));
    return c.body(null, 204);
  });
  app.delete(instance, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    deps.store.commit(destroyInstance(scene, c.req.param("tenancy"), c.req.param("instance")));
    return c.body(null, 204);
  });
  app.onError((error, c) => {
    if (error instanceof Refusal) return answerError(c, error.status, error.code, error.message);
    throw error;
  });
  return app;
}
