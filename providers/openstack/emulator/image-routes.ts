import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { bodyOf, type Ctx, callerOf, type Env, seconds } from "./context.ts";
import type { ImageRecord } from "./records.ts";
import { notFound, Refusal } from "./refusal.ts";

const NewImage = z.object({
  name: z.string(),
  visibility: z.string().default("shared"),
  hw_architecture: z.string().optional(),
});

const PAGE_DEFAULT = 25;
const PAGE_MAX = 1000;

export function imageRoutes(): Hono<Env> {
  const app = new Hono<Env>();
  const path = "/image/v2/images";

  app.get(path, (c) => {
    callerOf(c);
    const query = c.req.query();
    const all = c
      .get("state")
      .all("images")
      .filter(({ name }) => query.name === undefined || name === query.name)
      .sort((left, right) => right.createdAt - left.createdAt || (left.id < right.id ? -1 : 1));
    const limit = Math.min(Number(query.limit ?? PAGE_DEFAULT), PAGE_MAX);
    const at = query.marker === undefined ? -1 : all.findIndex(({ id }) => id === query.marker);
    if (query.marker !== undefined && at < 0) throw new Refusal(400, "", "Invalid marker format");
    const page = all.slice(at + 1, at + 1 + limit);
    const last = page.at(-1);
    const address = (marker?: string) => {
      const search = new URLSearchParams(query);
      search.delete("marker");
      if (marker !== undefined) search.set("marker", marker);
      return search.size === 0 ? "/v2/images" : `/v2/images?${search}`;
    };
    // A full page has a next one, though that may turn out empty.
    const more = last !== undefined && page.length === limit;
    return c.json({
      images: page.map(imageWire),
      first: address(),
      schema: "/v2/schemas/images",
      ...(more ? { next: address(last.id) } : {}),
    });
  });
  app.post(path, async (c) => {
    const caller = callerOf(c);
    const given = await bodyOf(c, NewImage);
    const image: ImageRecord = {
      id: randomUUID(),
      name: given.name,
      architecture: given.hw_architecture ?? null,
      size: null,
      ownerId: caller.projectId,
      visibility: given.visibility,
      createdAt: c.get("state").now(),
    };
    c.get("state").put("images", image.id, image);
    return c.json(imageWire(image), 201, { location: `${c.get("base")}/image/v2/images/${image.id}` });
  });
  app.put(`${path}/:image/file`, async (c) => {
    callerOf(c);
    const size = (await c.req.arrayBuffer()).byteLength;
    c.get("state").put("images", imageOf(c).id, { ...imageOf(c), size });
    return c.body(null, 204);
  });
  app.delete(`${path}/:image`, (c) => {
    callerOf(c);
    c.get("state").drop("images", imageOf(c).id);
    return c.body(null, 204);
  });
  return app;
}

function imageOf(c: Ctx): ImageRecord {
  const id = c.req.param("image") ?? "";
  const image = c.get("state").get("images", id);
  if (image === undefined) throw notFound("", `Failed to find image ${id}`);
  return image;
}

function imageWire(image: ImageRecord) {
  const active = image.size !== null;
  return {
    ...(image.architecture === null ? {} : { hw_architecture: image.architecture }),
    name: image.name,
    disk_format: "raw",
    container_format: "bare",
    visibility: image.visibility,
    size: image.size,
    virtual_size: image.size,
    status: active ? "active" : "queued",
    checksum: active ? "93b885adfe0da089cdf634904fd59f71" : null,
    protected: false,
    min_ram: 0,
    min_disk: 0,
    owner: image.ownerId,
    os_hidden: false,
    os_hash_algo: active ? "sha512" : null,
    os_hash_value: active ? "0".repeat(128) : null,
    id: image.id,
    created_at: seconds(image.createdAt),
    updated_at: seconds(image.createdAt),
    tags: [],
    self: `/v2/images/${image.id}`,
    file: `/v2/images/${image.id}/file`,
    schema: "/v2/schemas/image",
    ...(active ? { stores: "fs" } : {}),
  };
}
