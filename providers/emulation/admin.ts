import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { CloudName, type EmulatedKind } from "./kind.ts";
import { FaultRule, type Script } from "./script.ts";

type Env = { Bindings: HttpBindings };

/** A request of the administrator that cannot be carried out. */
class Refused extends Error {}

/** Declares clouds and scripts their faults, under `/admin/{kind}/{cloud}`; what a kind adds follows. */
export function administration(
  kinds: readonly EmulatedKind[],
  token: string,
  onDefect: (error: unknown) => void,
): Hono<Env> {
  const app = new Hono<Env>();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.use("*", async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    if (!sameSecret(given, token))
      return problem(c, 401, "unauthenticated", "a valid bearer token is needed");
    await next();
    return;
  });
  for (const kind of kinds) app.route(`/admin/${kind.name}`, administrationOf(kind));
  app.notFound((c) => problem(c, 404, "no_such_route", "no such route"));
  app.onError((error, c) => {
    if (error instanceof Refused) return problem(c, 404, "unknown_cloud", error.message);
    if (error instanceof z.ZodError) return problem(c, 422, "invalid", z.prettifyError(error));
    if (error instanceof SyntaxError) return problem(c, 400, "malformed", "the body is not JSON");
    onDefect(error);
    return problem(c, 500, "internal", "the emulation failed");
  });
  return app;
}

function administrationOf(kind: EmulatedKind): Hono<Env> {
  const app = new Hono<Env>();
  app.get("/", (c) => c.json({ clouds: kind.cloudIds() }));
  app.put("/:cloud", async (c) => {
    const cloud = CloudName.parse(c.req.param("cloud"));
    const known = kind.cloudIds().includes(cloud);
    kind.declare(cloud, await jsonOf(c));
    return c.json({ id: cloud }, known ? 200 : 201);
  });
  app.get("/:cloud/faults", (c) => c.json({ faults: scriptOf(kind, c.req.param("cloud")).list() }));
  app.post("/:cloud/faults", async (c) => {
    const rule = FaultRule.parse(await jsonOf(c));
    return c.json({ id: scriptOf(kind, c.req.param("cloud")).add(rule) }, 201);
  });
  app.delete("/:cloud/faults/:fault?", (c) => {
    scriptOf(kind, c.req.param("cloud")).clear(c.req.param("fault"));
    return c.body(null, 204);
  });
  if (kind.deeds !== undefined) app.route("/", kind.deeds);
  return app;
}

function scriptOf(kind: EmulatedKind, cloud: string): Script {
  if (!kind.cloudIds().includes(cloud)) throw new Refused(`no cloud ${cloud}`);
  return kind.scripts.of(cloud);
}

async function jsonOf(c: Context<Env>): Promise<unknown> {
  return JSON.parse(await c.req.text());
}

function problem(c: Context<Env>, status: 400 | 401 | 404 | 422 | 500, code: string, message: string) {
  return c.json({ error: { code, message } }, status);
}

function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
