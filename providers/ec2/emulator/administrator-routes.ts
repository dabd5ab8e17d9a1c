import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Deps } from "./app.ts";
import { sceneOf } from "./scene.ts";
import { endSessions } from "./sessions.ts";

/** Ends what roles have lent. */
export function administratorRoutes(deps: Deps): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.delete("/:cloud/sessions", (c) => {
    endSessions(sceneOf(deps, c.req.param("cloud")));
    return c.body(null, 204);
  });
  return app;
}
