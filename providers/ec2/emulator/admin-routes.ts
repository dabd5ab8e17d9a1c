import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import type { Env } from "./answers.ts";
import type { Deps } from "./app.ts";
import { CloudDeclaration } from "./declaration.ts";
import { ScriptedFault } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { sceneOf } from "./scene.ts";
import { endSessions } from "./sessions.ts";
import { DECLARATION } from "./store.ts";

const FaultRule = z.strictObject({
  fault: ScriptedFault,
  match: z
    .strictObject({
      action: z.string().min(1).optional(),
      /** Only lists that ask for everything. */
      unfiltered: z.boolean().default(false),
    })
    .default({ unfiltered: false }),
  /** Requests it applies to; absent means until it is removed. */
  count: z.int().min(1).optional(),
});

/** Declares clouds, scripts their faults and ends what roles have lent. */
export function adminRoutes(deps: Deps): Hono<Env> {
  const { store, latencyMs, random } = deps;
  const app = new Hono<Env>();
  const scene = (cloud: string) => sceneOf(store, cloud, latencyMs, random);
  app.use("/admin/*", async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    if (!sameSecret(given, deps.adminToken)) return c.json({ error: "a valid bearer token is needed" }, 401);
    await next();
    return;
  });
  app.get("/admin/clouds", (c) => c.json({ clouds: store.cloudIds() }));
  app.put("/admin/clouds/:cloud", async (c) => {
    const id = z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/)
      .parse(c.req.param("cloud"));
    store.put(id, "cloud", DECLARATION, await bodyOf(c, CloudDeclaration));
    return c.body(null, 204);
  });
  app.get("/admin/clouds/:cloud/faults", (c) =>
    c.json({ faults: [...scene(c.req.param("cloud")).tables.fault.values()] }),
  );
  app.post("/admin/clouds/:cloud/faults", async (c) => {
    const { fault, match, count } = await bodyOf(c, FaultRule);
    const { now, put } = scene(c.req.param("cloud"));
    const id = randomUUID();
    const { action = null, unfiltered } = match;
    const rule = { id, createdAt: now, fault, action, unfiltered, left: count ?? null };
    put("fault", id, rule);
    return c.json(rule, 201);
  });
  app.delete("/admin/clouds/:cloud/faults", (c) => {
    const { tables, put } = scene(c.req.param("cloud"));
    for (const id of tables.fault.keys()) put("fault", id, null);
    return c.body(null, 204);
  });
  app.delete("/admin/clouds/:cloud/sessions", (c) => {
    endSessions(scene(c.req.param("cloud")));
    return c.body(null, 204);
  });
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.json({ error: error.message }, 404);
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 422);
    if (error instanceof SyntaxError) return c.json({ error: "the body is not JSON" }, 400);
    deps.onDefect(error);
    return c.json({ error: "the emulator failed" }, 500);
  });
  return app;
}

async function bodyOf<Schema extends z.ZodType>(c: Context<Env>, schema: Schema): Promise<z.output<Schema>> {
  return schema.parse(JSON.parse(await c.req.text()));
}

function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
