import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context, MiddlewareHandler } from "hono";
import type { App } from "../context.ts";
import { fault, isFault } from "../kernel/fault.ts";
import { authenticate } from "../tokens/authenticate.ts";
import { refusedTokens } from "./refused-tokens.ts";
import type { Env } from "./route.ts";

/** Turns a bearer token into the caller; nothing behind this is reachable without one. */
export function authenticateRequest(app: App): MiddlewareHandler<Env> {
  const recordRefused = refusedTokens(app);
  return async (c, next) => {
    const origin = { requestId: c.get("requestId"), sourceAddress: addressOf(c) };
    const secret = /^Bearer +(\S{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    try {
      if (secret === undefined) throw fault("auth.token_missing");
      const { actor, tokenId } = await authenticate(app.db, secret, app.clock.now());
      c.set("caller", { actor, ...origin });
      c.set("tokenId", tokenId);
    } catch (error) {
      if (isFault(error) && error.status === 401) await recordRefused(secret, error, origin);
      throw error;
    }
    await next();
  };
}

/** The peer's address; a proxy's header is not believed, since anybody can write it. */
function addressOf(c: Context): string | null {
  // Requests that are dispatched inside a test have no socket.
  const bound = c.env !== undefined && typeof c.env === "object" && c.env !== null && "incoming" in c.env;
  return bound ? (getConnInfo(c).remote.address ?? null) : null;
}
