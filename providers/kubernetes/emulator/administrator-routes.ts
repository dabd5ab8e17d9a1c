import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { ClusterState } from "./cluster-state.ts";

/** Ends tokens and forgets history. */
export function administratorRoutes(
  find: (cluster: string) => ClusterState | undefined,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.delete("/:cloud/tokens", (c) => {
    const cluster = find(c.req.param("cloud"));
    if (cluster === undefined) return c.notFound();
    cluster.tokens.expire();
    return c.body(null, 204);
  });
  app.delete("/:cloud/history", (c) => {
    const cluster = find(c.req.param("cloud"));
    if (cluster === undefined) return c.notFound();
    cluster.store.compact();
    return c.body(null, 204);
  });
  return app;
}
