import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { MiddlewareHandler } from "hono";
import type { Env, Treatment } from "./context.ts";
import { serviceOf } from "./places.ts";
import type { FaultRecord } from "./records.ts";
import { errorBody, Refusal } from "./refusal.ts";
import type { CloudState } from "./store.ts";

/** Gives each call the treatment that the script has in store for it. */
export const misbehave: MiddlewareHandler<Env> = async (c, next) => {
  const treatment = treatmentOf(c.get("state"), c.req.method, c.req.path);
  c.set("treatment", treatment);
  if (treatment.latencyMs > 0) await pause(treatment.latencyMs, c.env.outgoing);
  switch (treatment.instead?.kind) {
    case "status": {
      const { status, retryAfterSeconds, body } = treatment.instead;
      if (retryAfterSeconds !== undefined) c.header("Retry-After", String(retryAfterSeconds));
      const refusal = new Refusal(status, "", "scripted fault");
      const content = body ?? errorBody(serviceOf(c.req.path), refusal, c.get("requestId"));
      c.header("Content-Type", typeof content === "string" ? "text/html" : "application/json");
      const text = typeof content === "string" ? content : JSON.stringify(content);
      return new Response(text, { status, headers: c.res.headers });
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

/** Picks the faults that apply to a call and counts them down. */
function treatmentOf(state: CloudState, method: string, path: string): Treatment {
  const applied: FaultRecord[] = [];
  let instead: Treatment["instead"] = null;
  for (const rule of state.all("faults")) {
    const { fault } = rule;
    if (rule.method !== null && rule.method !== method) continue;
    if (rule.pathPrefix !== null && !path.startsWith(rule.pathPrefix)) continue;
    const listOnly = fault.kind === "lag" || fault.kind === "partial-list";
    if (listOnly && method !== "GET") continue;
    if (fault.kind === "status" || fault.kind === "hang" || fault.kind === "reset") {
      if (instead !== null) continue;
      instead = fault.kind === "status" ? fault : { kind: fault.kind };
    }
    applied.push(rule);
  }
  for (const rule of applied) {
    if (rule.left === null) continue;
    if (rule.left > 1) state.put("faults", rule.id, { ...rule, left: rule.left - 1 });
    else state.drop("faults", rule.id);
  }
  const faults = applied.map(({ fault }) => fault);
  return {
    latencyMs: faults.reduce((total, fault) => total + (fault.kind === "latency" ? fault.ms : 0), 0),
    instead,
    loseReply: faults.some(({ kind }) => kind === "lost-reply"),
    lagMs: Math.max(0, ...faults.map((fault) => (fault.kind === "lag" ? fault.ms : 0))),
    partial: faults.some(({ kind }) => kind === "partial-list"),
  };
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
