import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, type Deps, type Env, keep, sceneOf } from "./context.ts";
import { CloudDeclaration, declareCloud } from "./declare-cloud.ts";
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
import { CloudName, type FaultRecord, ScriptedFault } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { tenancyView } from "./views.ts";

const FaultRule = z.strictObject({
  fault: ScriptedFault,
  match: z
    .strictObject({
      method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
      pathPrefix: z.string().startsWith("/").optional(),
    })
    .default({}),
  /** Requests it applies to; absent means until it is removed. */
  count: z.int().min(1).optional(),
});

/** Declares clouds, scripts their faults and makes drift happen. */
export function adminRoutes(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  const cloud = "/admin/clouds/:cloud";
  const tenancy = `${cloud}/tenancies/:tenancy` as const;
  const instance = `${tenancy}/instances/:instance` as const;

  app.get("/admin/clouds", (c) => c.json({ clouds: deps.store.cloudIds() }));
  app.get(cloud, (c) => c.json(sceneOf(deps, c.req.param("cloud")).cloud.record));
  app.put(cloud, async (c) => {
    const id = CloudName.safeParse(c.req.param("cloud"));
    if (!id.success) throw new Refusal(422, "invalid", "not a name for a cloud");
    const declared = await bodyOf(c, CloudDeclaration);
    const existing = deps.store.cloud(id.data);
    deps.store.commit(declareCloud(id.data, declared, existing));
    return c.json(sceneOf(deps, id.data).cloud.record, existing === undefined ? 201 : 200);
  });

  app.get(`${cloud}/faults`, (c) =>
    c.json({ faults: [...sceneOf(deps, c.req.param("cloud")).cloud.faults.values()] }),
  );
  app.post(`${cloud}/faults`, async (c) => {
    const rule = await bodyOf(c, FaultRule);
    const scene = sceneOf(deps, c.req.param("cloud"));
    const value: FaultRecord = {
      id: scene.chance.ref("fault", scene.id, scene.now, scene.cloud.faults.size),
      fault: rule.fault,
      method: rule.match.method ?? null,
      pathPrefix: rule.match.pathPrefix ?? null,
      left: rule.count ?? null,
    };
    deps.store.commit([{ table: "fault", cloud: scene.id, fault: value.id, value }]);
    return c.json(value, 201);
  });
  app.delete(`${cloud}/faults`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    const ids = [...scene.cloud.faults.keys()];
    deps.store.commit(ids.map((fault) => ({ table: "fault", cloud: scene.id, fault, value: null })));
    return c.body(null, 204);
  });
  app.delete(`${cloud}/faults/:fault`, (c) => {
    const scene = sceneOf(deps, c.req.param("cloud"));
    deps.store.commit([{ table: "fault", cloud: scene.id, fault: c.req.param("fault"), value: null }]);
    return c.body(null, 204);
  });

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
  return app;
}
