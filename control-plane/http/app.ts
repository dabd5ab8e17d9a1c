import { OpenAPIHono } from "@hono/zod-openapi";
import { secureHeaders } from "hono/secure-headers";
import type { App } from "../context.ts";
import { fault } from "../kernel/fault.ts";
import { API_ROUTES } from "./api-routes.ts";
import { authenticateRequest } from "./authenticate-request.ts";
import { mountDocs } from "./docs.ts";
import { type Metrics, mountMetrics, observeRequests } from "./metrics.ts";
import { openApiDocument } from "./openapi.ts";
import { mountProbes } from "./probes.ts";
import { problemResponse, refusalOf } from "./problem.ts";
import { rateLimit } from "./rate-limit.ts";
import { type Env, methodsAt, mount } from "./route.ts";
import { statusPage } from "./status-page.ts";

/** Everything that answers over HTTP. Only what is mounted before `authenticateRequest` is open to all. */
export function httpApp(app: App, metrics: Metrics): OpenAPIHono<Env> {
  const hono = new OpenAPIHono<Env>();
  hono.use(async (c, next) => {
    const given = c.req.header("x-request-id");
    const requestId =
      given !== undefined && /^[\w.:-]{1,100}$/.test(given) ? given : app.ids.next("aud").slice(4);
    c.set("requestId", requestId);
    await next();
    // Afterwards: an answer that a route makes by itself takes nothing that was set before. And on the answer that
    // there is: `c.header` would make another one, with its body as a stream.
    c.res.headers.set("x-request-id", requestId);
  });
  hono.use(observeRequests(app, metrics));
  hono.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, xFrameOptions: "DENY" }));
  hono.onError((error, c) => {
    const refusal = refusalOf(error);
    if (refusal.status >= 500) app.log.error({ err: error, requestId: c.get("requestId") }, "request failed");
    return problemResponse(refusal, c.get("requestId"));
  });
  hono.notFound((c) => {
    const allowed = methodsAt(hono.routes, c.req.path);
    const refusal =
      allowed.length > 0 ? fault("http.method_not_allowed", { allowed }) : fault("http.not_found");
    return problemResponse(refusal, c.get("requestId"));
  });

  mountProbes(hono, app);
  mountDocs(hono);
  hono.get("/", (c) => c.html(statusPage()));
  const document = openApiDocument(API_ROUTES);
  hono.get("/openapi.json", (c) => c.json(document));

  hono.use("/api/*", authenticateRequest(app));
  hono.use("/api/*", rateLimit(app));
  hono.use("/metrics", authenticateRequest(app));
  mountMetrics(hono, app, metrics);
  mount(hono, app, API_ROUTES);
  return hono;
}

const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  // Swagger UI sets styles on elements; scripts come from files only.
  styleSrc: ["'self'", "'unsafe-inline'"],
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};
