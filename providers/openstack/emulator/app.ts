import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import { serverRoutes } from "./compute-servers.ts";
import { settingRoutes } from "./compute-settings.ts";
import { bodyOf, type Env, type Pace } from "./context.ts";
import { actorRoutes } from "./identity-actors.ts";
import { projectRoutes } from "./identity-projects.ts";
import { tokenRoutes } from "./identity-tokens.ts";
import { imageRoutes } from "./image-routes.ts";
import { misbehave } from "./misbehave.ts";
import { groupRoutes } from "./network-groups.ts";
import { portRoutes } from "./network-ports.ts";
import { networkRoutes } from "./network-routes.ts";
import { placementRoutes } from "./placement-routes.ts";
import { serviceOf } from "./places.ts";
import { errorBody, Refusal } from "./refusal.ts";
import { settleServers } from "./servers.ts";
import type { CloudState } from "./store.ts";

export interface Deps {
  readonly clouds: ReadonlyMap<string, CloudState>;
  readonly pace: Pace;
  /** Opens the admin routes, as a bearer token. */
  readonly password: string;
  /** Told about what is answered as 500. */
  readonly onDefect: (error: unknown) => void;
}

const FaultRule = z.strictObject({
  fault: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("latency"), ms: z.int().min(0).max(600_000) }),
    z.strictObject({
      kind: z.literal("status"),
      status: z.int().min(400).max(599),
      retryAfterSeconds: z.int().min(0).optional(),
      body: z.unknown().optional(),
    }),
    z.strictObject({ kind: z.enum(["hang", "reset", "lost-reply", "partial-list"]) }),
    z.strictObject({ kind: z.literal("lag"), ms: z.int().min(0) }),
  ]),
  match: z
    .strictObject({ method: z.string().optional(), pathPrefix: z.string().startsWith("/").optional() })
    .default({}),
  count: z.int().min(1).optional(),
});

/** All clouds of the server: `/{cloud}/{service}/…` is OpenStack, `/admin/clouds/{cloud}/…` scripts its faults. */
export function emulatorApp(deps: Deps): Hono<Env> {
  const cloud = cloudApp(deps);
  const app = new Hono<Env>();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.route("/", adminRoutes(deps));
  app.all("/:cloud/*", (c) => {
    const name = c.req.param("cloud");
    const url = new URL(c.req.url);
    // Each cloud's own routes know nothing of the name before them.
    url.pathname = url.pathname.slice(name.length + 1);
    return cloud.fetch(new Request(url, c.req.raw), { ...c.env, cloudName: name });
  });
  return app;
}

function cloudApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    const name: unknown = Reflect.get(c.env, "cloudName");
    const state = typeof name === "string" ? deps.clouds.get(name) : undefined;
    if (state === undefined) return c.text("no such cloud", 404);
    const requestId = `req-${randomUUID()}`;
    const scheme = c.req.header("x-forwarded-proto") ?? "http";
    c.set("state", state);
    c.set("requestId", requestId);
    c.set("base", `${scheme}://${c.req.header("host") ?? "localhost"}/${state.id}`);
    c.header("x-openstack-request-id", requestId);
    const service = serviceOf(c.req.path);
    const version =
      c.req.header("openstack-api-version") ?? (service === "placement" ? "placement 1.0" : undefined);
    if (service === "compute") c.header("x-compute-request-id", requestId);
    if (version !== undefined) c.header("openstack-api-version", version);
    await next();
    return;
  });
  app.use(misbehave);
  // A server that is gone by now has taken its ports along, for Neutron and Placement too.
  app.use(async (c, next) => {
    settleServers(c.get("state"));
    await next();
  });
  for (const routes of [
    tokenRoutes(),
    projectRoutes(),
    actorRoutes(),
    serverRoutes(deps.pace),
    settingRoutes(),
  ]) {
    app.route("/", routes);
  }
  for (const routes of [networkRoutes(), portRoutes(), groupRoutes(), imageRoutes(), placementRoutes()]) {
    app.route("/", routes);
  }
  app.notFound((c) => c.text("404 Not Found\n\nThe resource could not be found.\n", 404));
  app.onError((error, c) => {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "", "Unexpected API Error.");
    if (refusal !== error) deps.onDefect(error);
    const requestId = c.get("requestId");
    const body = errorBody(serviceOf(c.req.path), refusal, requestId);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    c.header("Content-Type", typeof body === "string" ? "text/html" : "application/json");
    if (refusal.status === 401) {
      c.header("www-authenticate", `Keystone uri="${c.get("base")}/identity/v3"`);
      // Refused before the service has seen it.
      c.header("openstack-api-version", undefined);
    }
    return new Response(text, { status: refusal.status, headers: c.res.headers });
  });
  return app;
}

function adminRoutes(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  const faults = "/admin/clouds/:cloud/faults";
  app.use("/admin/*", async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    if (!sameSecret(given, deps.password)) return c.text("a valid bearer token is needed", 401);
    await next();
    return;
  });
  app.use("/admin/clouds/:cloud/*", async (c, next) => {
    const state = deps.clouds.get(c.req.param("cloud"));
    if (state === undefined) return c.text("no such cloud", 404);
    c.set("state", state);
    await next();
    return;
  });
  app.get(faults, (c) => c.json({ faults: c.get("state").all("faults") }));
  app.post(faults, async (c) => {
    const { fault, match, count } = await bodyOf(c, FaultRule);
    const { method = null, pathPrefix = null } = match;
    const rule = { id: randomUUID(), fault, method, pathPrefix, left: count ?? null };
    c.get("state").put("faults", rule.id, rule);
    return c.json(rule, 201);
  });
  app.delete(faults, (c) => {
    for (const { id } of c.get("state").all("faults")) c.get("state").drop("faults", id);
    return c.body(null, 204);
  });
  /** As a restart of Keystone with new keys does. */
  app.delete("/admin/clouds/:cloud/tokens", (c) => {
    for (const [value] of c.get("state").entries("tokens")) c.get("state").drop("tokens", value);
    return c.body(null, 204);
  });
  app.onError((error, c) => {
    if (error instanceof Refusal) return c.text(error.message, 422);
    deps.onDefect(error);
    return c.text("the emulator failed", 500);
  });
  return app;
}

function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
