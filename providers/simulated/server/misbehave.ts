import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";
import { type Deps, type Env, sceneOf } from "./context.ts";
import { treatmentOf } from "./script.ts";

/** Gives each call of a cloud the treatment that the script has in store for it. */
export function misbehave(deps: Deps): MiddlewareHandler<Env, "/clouds/:cloud/v1/*"> {
  return async (c, next) => {
    const cloud = c.req.param("cloud");
    const path = c.req.path.slice(`/clouds/${cloud}/v1`.length);
    const { treatment, changes } = treatmentOf(sceneOf(deps, cloud), { method: c.req.method, path });
    deps.store.commit(changes);
    c.set("treatment", treatment);
    if (treatment.latencyMs > 0) await pause(treatment.latencyMs, c.env.outgoing);
    switch (treatment.instead?.kind) {
      case "status": {
        const { status, code, retryAfterSeconds } = treatment.instead;
        if (retryAfterSeconds !== undefined) c.header("Retry-After", String(retryAfterSeconds));
        return answerError(c, status, code, "scripted fault");
      }
      case "hang":
        await pause(null, c.env.outgoing);
        return RESPONSE_ALREADY_SENT;
      case "reset":
        c.env.incoming.socket.resetAndDestroy();
        return RESPONSE_ALREADY_SENT;
    }
    await next();
    if (treatment.loseReply) {
      c.env.incoming.socket.resetAndDestroy();
      c.res = RESPONSE_ALREADY_SENT;
    }
    return;
  };
}

/** Every error of the simulated cloud has this one form. */
export function answerError(c: Context<Env>, status: number, code: string, message: string): Response {
  c.header("Content-Type", "application/json");
  return new Response(JSON.stringify({ error: { code, message } }), {
    status,
    headers: c.res.headers,
  });
}

/** Waits for the time, or for ever with null, but never longer than the caller does. */
function pause(ms: number | null, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = ms === null ? undefined : setTimeout(resolve, ms);
    outgoing.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
