import type { MiddlewareHandler } from "hono";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { App } from "../context.ts";
import { fault } from "../kernel/fault.ts";
import type { Env } from "./route.ts";

/** Requests per token and minute, counted by each process; the answer says when to come back. */
export function rateLimit(app: App): MiddlewareHandler<Env> {
  const limiter = new RateLimiterMemory({ points: app.config.RATE_LIMIT_PER_MINUTE, duration: 60 });
  return async (c, next) => {
    const left = await limiter.consume(c.get("tokenId")).catch(refused);
    await next();
    c.res.headers.set("ratelimit-remaining", String(left.remainingPoints));
  };
}

function refused(reason: unknown): never {
  if (!(reason instanceof RateLimiterRes)) throw reason;
  throw fault("http.rate_limited", { retryAfterSeconds: Math.max(1, Math.ceil(reason.msBeforeNext / 1000)) });
}
