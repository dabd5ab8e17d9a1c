import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { DelayRange } from "../../emulation/kind.ts";
import { misbehaving } from "../../emulation/misbehave.ts";
import type { AnsweredFault, Scripts } from "../../emulation/script.ts";
import { serverRoutes } from "./compute-servers.ts";
import { settingRoutes } from "./compute-settings.ts";
import type { Env } from "./context.ts";
import { actorRoutes } from "./identity-actors.ts";
import { projectRoutes } from "./identity-projects.ts";
import { tokenRoutes } from "./identity-tokens.ts";
import { imageRoutes } from "./image-routes.ts";
import { addressRoutes } from "./network-addresses.ts";
import { groupRoutes } from "./network-groups.ts";
import { portRoutes } from "./network-ports.ts";
import { routerRoutes } from "./network-routers.ts";
import { networkRoutes } from "./network-routes.ts";
import { placementRoutes } from "./placement-routes.ts";
import { serviceOf } from "./places.ts";
import { errorBody, Refusal } from "./refusal.ts";
import { settleServers } from "./servers.ts";
import type { CloudState } from "./store.ts";
import { volumeRoutes } from "./volume-routes.ts";

export interface Deps {
  readonly find: (cloud: string) => CloudState | undefined;
  readonly scripts: Scripts;
  readonly delayMs: DelayRange;
  /** Told about what is answered as 500. */
  readonly onDefect: (error: unknown) => void;
}

/** All clouds of the server: `/openstack/{cloud}/{service}/…`. */
export function emulatorApp(deps: Deps): Hono<Env> {
  const cloud = cloudApp(deps);
  const app = new Hono<Env>();
  app.all("/openstack/:cloud/*", (c) => {
    const name = c.req.param("cloud");
    const url = new URL(c.req.url);
    // Each cloud's own routes know nothing of the names before them.
    url.pathname = url.pathname.slice(`/openstack/${name}`.length);
    return cloud.fetch(new Request(url, c.req.raw), { ...c.env, cloudName: name });
  });
  return app;
}

function cloudApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    const name: unknown = Reflect.get(c.env, "cloudName");
    const state = typeof name === "string" ? deps.find(name) : undefined;
    if (state === undefined) return c.text("no such cloud", 404);
    const requestId = `req-${randomUUID()}`;
    const scheme = c.req.header("x-forwarded-proto") ?? "http";
    c.set("state", state);
    c.set("requestId", requestId);
    c.set("base", `${scheme}://${c.req.header("host") ?? "localhost"}/openstack/${state.id}`);
    c.header("x-openstack-request-id", requestId);
    const service = serviceOf(c.req.path);
    const version =
      c.req.header("openstack-api-version") ?? (service === "placement" ? "placement 1.0" : undefined);
    if (service === "compute") c.header("x-compute-request-id", requestId);
    if (version !== undefined) c.header("openstack-api-version", version);
    await next();
    return;
  });
  app.use(
    misbehaving<Env>({
      treatmentOf(c) {
        const { method, path } = c.req;
        return deps.scripts.of(c.get("state").id).treat({ method, path, isList: method === "GET" });
      },
      refuse: answerFault,
    }),
  );
  // A server that is gone by now has taken its ports along, for Neutron and Placement too.
  app.use(async (c, next) => {
    settleServers(c.get("state"));
    await next();
  });
  for (const routes of [
    tokenRoutes(),
    projectRoutes(),
    actorRoutes(),
    serverRoutes(deps.delayMs),
    settingRoutes(),
  ]) {
    app.route("/", routes);
  }
  for (const routes of [networkRoutes(), portRoutes(), groupRoutes(), routerRoutes(), addressRoutes()]) {
    app.route("/", routes);
  }
  for (const routes of [imageRoutes(), placementRoutes(), volumeRoutes()]) {
    app.route("/", routes);
  }
  app.notFound((c) => c.text("404 Not Found\n\nThe resource could not be found.\n", 404));
  app.onError((error, c) => {
    const refusal = error instanceof Refusal ? error : new Refusal(500, "", "Unexpected API Error.");
    if (refusal !== error) deps.onDefect(error);
    if (refusal.status === 401) {
      c.header("www-authenticate", `Keystone uri="${c.get("base")}/identity/v3"`);
      // Refused before the service has seen it.
      c.header("openstack-api-version", undefined);
    }
    return answerRefusal(c, refusal);
  });
  return app;
}

function answerFault(c: Context<Env>, fault: AnsweredFault): Response {
  if (fault.kind === "status" && fault.retryAfterSeconds !== undefined) {
    c.header("Retry-After", String(fault.retryAfterSeconds));
  }
  const refusal =
    fault.kind === "full"
      ? new Refusal(
          403,
          "forbidden",
          "Quota exceeded for cores: Requested 2, but already used 16 of 16 cores",
        )
      : new Refusal(fault.status, fault.code ?? "", "scripted fault");
  return answerRefusal(c, refusal);
}

function answerRefusal(c: Context<Env>, refusal: Refusal): Response {
  const body = errorBody(serviceOf(c.req.path), refusal, c.get("requestId"));
  const text = typeof body === "string" ? body : JSON.stringify(body);
  c.header("Content-Type", typeof body === "string" ? "text/html" : "application/json");
  return new Response(text, { status: refusal.status, headers: c.res.headers });
}
