import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { z } from "zod";
import type { Scripts, Treatment } from "../../emulation/script.ts";
import { Refusal } from "./refusal.ts";
import type { Chance, Outcome, Scene } from "./scene.ts";
import type { Store } from "./store.ts";

export interface Env {
  Bindings: HttpBindings;
  Variables: { treatment: Treatment };
}

/** Of the administrator's routes, which nothing happens to. */
export interface Administrator {
  Bindings: HttpBindings;
}

export interface Deps {
  readonly token: string;
  readonly store: Store;
  readonly scripts: Scripts;
  readonly chance: Chance;
  /** Told about what is answered as 500. */
  readonly onDefect: (error: unknown) => void;
}

/** Taken after the last await of a handler, so that nothing comes between reading and committing. */
export function sceneOf(deps: Deps, id: string): Scene {
  const cloud = deps.store.cloud(id);
  if (cloud === undefined) throw new Refusal(404, "unknown_cloud", `no cloud ${id}`);
  return { id, cloud, now: deps.store.now(), chance: deps.chance };
}

export async function bodyOf<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await c.req.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal(400, "malformed", "the body is not JSON");
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Refusal(422, "invalid", z.prettifyError(parsed.error));
  return parsed.data;
}

export function clientTokenOf(c: Context<Env>): string {
  const token = c.req.header("client-token");
  if (token === undefined || token === "") {
    throw new Refusal(400, "no_client_token", "the Client-Token header is missing");
  }
  return token;
}

/** Writes what a command did, then hands its object on. */
export function keep<Value>(deps: Deps, outcome: Outcome<Value>): { value: Value; status: 200 | 201 } {
  deps.store.commit(outcome.changes);
  return { value: outcome.value, status: outcome.created ? 201 : 200 };
}
