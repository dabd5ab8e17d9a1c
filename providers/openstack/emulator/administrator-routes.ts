import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { CloudState } from "./store.ts";

/** What an administrator of the machines can do to a cloud, whatever its API says. */
export function administratorRoutes(
  find: (cloud: string) => CloudState | undefined,
): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  /** As a restart of Keystone with new keys does. */
  app.delete("/:cloud/tokens", (c) => {
    const state = find(c.req.param("cloud"));
    if (state === undefined) return c.notFound();
    for (const [value] of state.entries("tokens")) state.drop("tokens", value);
    return c.body(null, 204);
  });
  return app;
}
