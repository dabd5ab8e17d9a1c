import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type CloudGauges, cloudGauges, measureClouds } from "../clouds/gauges.ts";
import type { App } from "../context.ts";
import { lastKnown } from "../quota/verify/verify.ts";
import { authorise } from "../verb.ts";
import type { Env } from "./route.ts";

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<"method" | "route" | "status">;
  readonly providerCalls: Histogram<"cloud" | "method" | "outcome">;
  /** 0 closed, 1 half open, 2 open; of this process, since each has its own. */
  readonly circuits: Gauge<"cloud">;
  readonly clouds: CloudGauges;
  readonly jobs: Counter<"kind" | "outcome">;
  readonly invariantsBroken: Gauge<"invariant">;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: "yunheng_http_request_seconds",
      help: "Duration of HTTP requests by route",
      labelNames: ["method", "route", "status"],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    providerCalls: new Histogram({
      name: "yunheng_provider_call_seconds",
      help: "Duration of calls to clouds by outcome",
      labelNames: ["cloud", "method", "outcome"],
      buckets: [0.01, 0.05, 0.25, 1, 5, 30],
      registers,
    }),
    circuits: new Gauge({
      name: "yunheng_provider_circuit",
      help: "Circuit breaker of a cloud in this process: 0 closed, 1 half open, 2 open",
      labelNames: ["cloud"],
      registers,
    }),
    clouds: cloudGauges(registry),
    jobs: new Counter({
      name: "yunheng_jobs_total",
      help: "Jobs by kind and outcome",
      labelNames: ["kind", "outcome"],
      registers,
    }),
    invariantsBroken: new Gauge({
      name: "yunheng_invariants_broken",
      help: "1 where the last verification found the invariant of the ledger broken",
      labelNames: ["invariant"],
      registers,
    }),
  };
}

/** Times every request and writes one log line without query, body or token. */
export function observeRequests(app: App, metrics: Metrics): MiddlewareHandler<Env> {
  return async (c, next) => {
    const stop = metrics.requests.startTimer();
    const started = performance.now();
    await next();
    // The pattern, not the path: ids would make a series each.
    const route = routePath(c, -1);
    stop({ method: c.req.method, route, status: String(c.res.status) });
    app.log.info(
      {
        requestId: c.get("requestId"),
        method: c.req.method,
        path: c.req.path,
        status: c.res.status,
        durationMs: Math.round(performance.now() - started),
        account: c.get("caller")?.actor.name,
      },
      "request",
    );
  };
}

/** Stands outside `/api/v1`, where scrapers look for it, but under the same rules. */
export const METRICS_ROUTE = {
  method: "get",
  path: "/metrics",
  verb: { name: "metrics.read", permission: "metrics.read", effect: "read" },
} as const;

export function mountMetrics(hono: OpenAPIHono<Env>, app: App, metrics: Metrics): void {
  hono.get("/metrics", async (c) => {
    await authorise(app, c.get("caller"), METRICS_ROUTE.verb);
    // Workers verify and have no address to be scraped at; what they found is in the database.
    for (const [invariant, broken] of await lastKnown(app)) {
      metrics.invariantsBroken.set({ invariant }, broken ? 1 : 0);
    }
    await measureClouds(app, metrics.clouds);
    return c.body(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType });
  });
}
