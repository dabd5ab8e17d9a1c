import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { adminOf, bodyOf, type Ctx, callerOf, type Env, micros } from "./context.ts";
import { VOLUME_DEFAULTS, volumeQuota, volumesInUse } from "./quota.ts";
import type { VolumeRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

const NewVolume = z.object({
  volume: z.object({ size: z.int().min(1), name: z.string().default("") }),
});

/** Cinder's volumes and quota sets, for clouds that have it. */
export function volumeRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const at = "/volume/v3/:tenant";
  const quotas = `${at}/os-quota-sets/:project` as const;
  app.use("/volume/*", async (c, next) => {
    if (!c.get("state").features.volumes) throw notFound("", "The resource could not be found.");
    await next();
  });
  app.get(quotas, (c) => {
    callerOf(c);
    const id = c.req.param("project");
    const limits = volumeQuota(c.get("state"), id);
    if (c.req.query("usage")?.toLowerCase() !== "true") return c.json({ quota_set: { id, ...limits } });
    const used = volumesInUse(c.get("state"), id);
    const usage = Object.entries(limits).map(([name, limit]) => [
      name,
      { limit, in_use: used[name] ?? 0, reserved: 0 },
    ]);
    return c.json({ quota_set: { id, ...Object.fromEntries(usage) } });
  });
  app.put(quotas, async (c) => {
    adminOf(c, "volume_extension:quotas:update");
    const { quota_set: given } = await bodyOf(c, z.object({ quota_set: z.record(z.string(), z.int()) }));
    const unknown = Object.keys(given).filter((name) => !(name in VOLUME_DEFAULTS));
    if (unknown.length > 0) throw new Refusal(400, "", `Bad key(s) in quota set: ${unknown.join(", ")}`);
    const state = c.get("state");
    const id = c.req.param("project");
    state.put("volumeQuotas", id, { ...state.get("volumeQuotas", id), ...given });
    return c.json({ quota_set: volumeQuota(state, id) });
  });
  app.delete(quotas, (c) => {
    adminOf(c, "volume_extension:quotas:delete");
    c.get("state").drop("volumeQuotas", c.req.param("project"));
    return c.body(null, 200);
  });
  app.get(`${at}/volumes`, (c) => {
    const caller = callerOf(c);
    const { all_tenants, project_id } = c.req.query();
    const everyones = caller.isAdmin && all_tenants === "1";
    const wanted = everyones ? project_id : caller.projectId;
    const all = c.get("state").all("volumes");
    const found = all.filter(({ projectId }) => wanted === undefined || projectId === wanted);
    return c.json({ volumes: found.map(({ id, name }) => ({ id, name, links: [] })) });
  });
  app.post(`${at}/volumes`, async (c) => {
    const { projectId } = callerOf(c);
    const { volume: given } = await bodyOf(c, NewVolume);
    const state = c.get("state");
    const limit = volumeQuota(state, projectId).gigabytes ?? -1;
    const used = volumesInUse(state, projectId).gigabytes ?? 0;
    if (limit >= 0 && used + given.size > limit) {
      const say = `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${given.size}G, quota is ${limit}G and ${used}G has been consumed.`;
      throw new Refusal(413, "overLimit", say);
    }
    const volume = {
      id: randomUUID(),
      projectId,
      name: given.name,
      size: given.size,
      createdAt: state.now(),
    };
    state.put("volumes", volume.id, volume);
    return c.json({ volume: volumeWire(volume) }, 202);
  });
  app.get(`${at}/volumes/:volume`, (c) => {
    callerOf(c);
    return c.json({ volume: volumeWire(volumeOf(c)) });
  });
  app.delete(`${at}/volumes/:volume`, (c) => {
    callerOf(c);
    c.get("state").drop("volumes", volumeOf(c).id);
    return c.body(null, 202);
  });
  return app;
}

function volumeOf(c: Ctx): VolumeRecord {
  const id = c.req.param("volume") ?? "";
  const volume = c.get("state").get("volumes", id);
  if (volume === undefined) throw notFound("", `Volume ${id} could not be found.`);
  return volume;
}

function volumeWire({ id, name, size, projectId, createdAt }: VolumeRecord) {
  return {
    id,
    name,
    size,
    status: "available",
    attachments: [],
    bootable: "false",
    "os-vol-tenant-attr:tenant_id": projectId,
    created_at: micros(createdAt).replace("Z", ""),
  };
}
