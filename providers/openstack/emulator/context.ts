import { randomUUID } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { z } from "zod";
import type { Treatment } from "../../emulation/script.ts";
import { ROLES, roleNamed } from "./declare.ts";
import type { TokenRecord } from "./records.ts";
import { Refusal, UNAUTHORIZED } from "./refusal.ts";
import type { CloudState } from "./store.ts";

export interface Env {
  Bindings: HttpBindings;
  Variables: { state: CloudState; base: string; requestId: string; treatment: Treatment };
}

export type Ctx = Context<Env>;

export interface Caller extends TokenRecord {
  readonly isAdmin: boolean;
}

export function callerOf(c: Ctx): Caller {
  const state = c.get("state");
  const token = state.get("tokens", c.req.header("x-auth-token") ?? "");
  if (token === undefined || token.expiresAt <= state.now()) throw new Refusal(401, "", UNAUTHORIZED);
  const admin = roleNamed("admin");
  const isAdmin = state.get("grants", `${token.projectId}/users/${token.userId}/${admin}`) !== undefined;
  return { ...token, isAdmin };
}

export function adminOf(c: Ctx, action: string): Caller {
  const caller = callerOf(c);
  if (caller.isAdmin) return caller;
  throw new Refusal(403, "", `You are not authorized to perform the requested action: ${action}.`);
}

export async function bodyOf<Schema extends z.ZodType>(c: Ctx, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new Refusal(400, "", z.prettifyError(parsed.error));
}

export function newId(): string {
  return randomUUID().replaceAll("-", "");
}

/** As Keystone and Nova write them. */
export function micros(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}

export function seconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

export function roleWire(id: string) {
  return { id, name: ROLES.find((role) => role.id === id)?.name ?? "" };
}
