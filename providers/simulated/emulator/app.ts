import { createHash, timingSafeEqual } from "node:crypto";
import { type Context, Hono } from "hono";
import { misbehaving } from "../../emulation/misbehave.ts";
import type { AnsweredFault } from "../../emulation/script.ts";
import { cloudRoutes } from "./cloud-routes.ts";
import { type Deps, type Env, sceneOf } from "./context.ts";
import { answerError, Refusal } from "./refusal.ts";

const LISTS = /^\/tenancies(\/[^/]+\/instances)?$/;

/** All clouds of the server behind one token. */
export function simulatedApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  let calls = 0;
  app.use(async (c, next) => {
    calls += 1;
    c.header("X-Cloud-Request-Id", deps.chance.ref("req", calls, deps.store.now()));
    await next();
  });
  app.use(async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header("authorization") ?? "")?.[1];
    if (given === undefined || !sameSecret(given, deps.token)) {
      throw new Refusal(401, "unauthenticated", "a valid bearer token is needed");
    }
    await next();
  });
  app.use(
    "/simulated/:cloud/v1/*",
    misbehaving<Env>({
      treatmentOf(c) {
        const { id } = sceneOf(deps, c.req.param("cloud") ?? "");
        const path = c.req.path.slice(`/simulated/${id}/v1`.length);
        const isList = c.req.method === "GET" && LISTS.test(path);
        return deps.scripts.of(id).treat({ method: c.req.method, path, isList });
      },
      refuse: answerFault,
    }),
  );
  app.route("/", cloudRoutes(deps));
  app.notFound((c) => answerError(c, 404, "no_such_route", "no such route"));
  app.onError((error, c) => {
    if (error instanceof Refusal) return answerError(c, error.status, error.code, error.message);
    deps.onDefect(error);
    return answerError(c, 500, "internal", "the simulated cloud failed");
  });
  return app;
}

function answerFault(c: Context<Env>, fault: AnsweredFault): Response {
  if (fault.kind === "full") return answerError(c, 507, "capacity", "scripted fault");
  if (fault.retryAfterSeconds !== undefined) c.header("Retry-After", String(fault.retryAfterSeconds));
  return answerError(c, fault.status, fault.code ?? "scripted", "scripted fault");
}

function sameSecret(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
