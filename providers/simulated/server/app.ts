import { createHash, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { adminRoutes } from "./admin-routes.ts";
import { cloudRoutes } from "./cloud-routes.ts";
import type { Deps, Env } from "./context.ts";
import { answerError } from "./misbehave.ts";
import { Refusal } from "./refusal.ts";

/** All clouds of the server behind one token; only `/healthz` is open. */
export function simulatedApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  let calls = 0;
  app.use(async (c, next) => {
    calls += 1;
    c.header("X-Cloud-Request-Id", deps.chance.ref("req", calls, deps.store.now()));
    await next();
  });
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.use(async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1];
    if (given === undefined || !sameSecret(given, deps.token)) {
      throw new Refusal(401, "unauthenticated", "a valid bearer token is needed");
    }
    await next();
  });
  app.route("/", cloudRoutes(deps));
  app.route("/", adminRoutes(deps));
  app.notFound((c) => answerError(c, 404, "no_such_route", "no such route"));
  app.onError((error, c) => {
    if (error instanceof Refusal) return answerError(c, error.status, error.code, error.message);
    deps.onDefect(error);
    return answerError(c, 500, "internal", "the simulated cloud failed");
  });
  return app;
}

function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
