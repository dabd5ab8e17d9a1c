import type { OpenAPIHono } from "@hono/zod-openapi";
import { sql } from "drizzle-orm";
import type { App } from "../context.ts";
import type { Env } from "./route.ts";

/** `/healthz` says that the process lives, `/readyz` that it can do its work; neither says more. */
export function mountProbes(hono: OpenAPIHono<Env>, app: App): void {
  hono.get("/healthz", (c) => c.json({ status: "ok" }));
  hono.get("/readyz", async (c) => {
    await app.db.withTx((tx) => tx.execute(sql`SELECT 1`));
    return c.json({ status: "ready" });
  });
}
