import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import type { DelayRange } from "../../emulation/kind.ts";
import { misbehaving } from "../../emulation/misbehave.ts";
import type { Scripts, Treatment } from "../../emulation/script.ts";
import { perform } from "./actions.ts";
import { type Env, faulty, refused, sent } from "./answers.ts";
import { paramsOf } from "./params.ts";
import { Refusal } from "./refusal.ts";
import { sceneOf } from "./scene.ts";
import { callerOf, type SignedRequest } from "./signature.ts";
import type { Store } from "./store.ts";

export interface Deps {
  readonly store: Store;
  readonly scripts: Scripts;
  readonly delayMs: DelayRange;
  readonly random: () => number;
  /** Told about what is answered as an internal error. */
  readonly onDefect: (error: unknown) => void;
}

/** The Query API of every cloud is at `/ec2/{cloud}`, and that of the token service too. */
export function emulatorApp(deps: Deps): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set("requestId", randomUUID());
    c.set("now", deps.store.now());
    await next();
  });
  const misbehave = misbehaving<Env>({
    treatmentOf: (c) => treatmentOf(deps, c),
    refuse: faulty,
  });
  for (const path of ["/ec2/:cloud", "/ec2/:cloud/"] as const) {
    app.post(path, misbehave, async (c) => {
      const body = await c.req.text();
      const lists = c.get("treatment");
      const caller = await callerOf(sceneOf(deps, c.req.param("cloud")), signedRequest(c, body));
      const scene = sceneOf(deps, c.req.param("cloud"), lists.lagMs);
      const content = perform(scene, paramsOf(body), caller, c.get("requestId"));
      // It ends in its middle, as a proxy leaves it.
      return sent(c, 200, lists.partial ? content.slice(0, content.length / 2) : content);
    });
  }
  app.onError((error, c) => {
    const known = error instanceof Refusal;
    if (!known) deps.onDefect(error);
    return refused(c, known ? error : new Refusal("InternalError", "the emulator failed", 500));
  });
  return app;
}

/** Everything is a POST to one address: for the script the action is the path, and whether it is narrowed down. */
async function treatmentOf(deps: Deps, c: Context<Env>): Promise<Treatment> {
  const params = paramsOf(await c.req.text());
  const id = c.req.param("cloud") ?? "";
  // Refuses what is no cloud.
  sceneOf(deps, id);
  const path = `/${params.action}/${params.parts("Filter").length > 0 ? "filtered" : "all"}`;
  return deps.scripts.of(id).treat({ method: "POST", path, isList: params.action.startsWith("Describe") });
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
