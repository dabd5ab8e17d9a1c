import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { perform } from "./actions.ts";
import { adminRoutes } from "./admin-routes.ts";
import { type Env, instead, pause, refused, sent } from "./answers.ts";
import { paramsOf } from "./params.ts";
import { Refusal } from "./refusal.ts";
import { type LatencyRange, sceneOf } from "./scene.ts";
import { treatmentOf } from "./script.ts";
import { callerOf, type SignedRequest } from "./signature.ts";
import type { Store } from "./store.ts";

export interface Deps {
  readonly store: Store;
  /** Of the admin routes; the clouds themselves ask for signatures. */
  readonly adminToken: string;
  readonly latencyMs: LatencyRange;
  readonly random: () => number;
  /** Told about what is answered as an internal error. */
  readonly onDefect: (error: unknown) => void;
}

/** The Query API of every cloud is below `/clouds/{cloud}/`, that of the token service too. */
export function emulatorApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.route("/", adminRoutes(deps));
  app.post("/clouds/:cloud", (c) => answer(deps, c, c.req.param("cloud")));
  app.post("/clouds/:cloud/", (c) => answer(deps, c, c.req.param("cloud")));
  return app;
}

async function answer(deps: Deps, c: Context<Env>, cloud: string): Promise<Response> {
  const requestId = randomUUID();
  const { store, latencyMs, random } = deps;
  const scene = (lagMs = 0) => sceneOf(store, cloud, latencyMs, random, lagMs);
  try {
    const body = await c.req.text();
    const params = paramsOf(body);
    const treatment = treatmentOf(scene(), params);
    if (treatment.latencyMs > 0) await pause(treatment.latencyMs, c.env.outgoing);
    const other = await instead(c, treatment, store.now());
    if (other !== null) return other;
    const caller = await callerOf(scene(), signedRequest(c, body));
    const content = perform(scene(treatment.lagMs), params, caller, requestId);
    return sent(c, { status: 200, body: content }, requestId, store.now(), treatment);
  } catch (error) {
    const refusal =
      error instanceof Refusal ? error : new Refusal("InternalError", "the emulator failed", 500);
    if (refusal !== error) deps.onDefect(error);
    return sent(c, refused(refusal, requestId), requestId, store.now());
  }
}

function signedRequest(c: Context<Env>, body: string): SignedRequest {
  const { headers } = c.env.incoming;
  return {
    method: c.req.method,
    path: new URL(c.req.url).pathname,
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    ),
    body,
  };
}
