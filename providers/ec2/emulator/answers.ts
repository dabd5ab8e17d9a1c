import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { AnsweredFault, Treatment } from "../../emulation/script.ts";
import { Refusal } from "./refusal.ts";
import { errorDocument } from "./xml.ts";

export interface Env {
  Bindings: HttpBindings;
  Variables: { treatment: Treatment; requestId: string; now: number };
}

/** The code that the API would give with a status, for faults that name none. */
const CODES: Readonly<Record<number, string>> = {
  400: "InvalidParameterValue",
  401: "AuthFailure",
  403: "UnauthorizedOperation",
  404: "InvalidVpcID.NotFound",
  409: "IncorrectState",
  422: "InvalidParameterCombination",
  429: "RequestLimitExceeded",
  500: "InternalError",
  503: "Unavailable",
  507: "InsufficientInstanceCapacity",
};

export function refused(c: Context<Env>, { status, code, message }: Refusal): Response {
  return sent(c, status, errorDocument(code, message, c.get("requestId")));
}

/** An answer as it leaves the server. */
export function sent(
  c: Context<Env>,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
) {
  return new Response(body, {
    status,
    headers: {
      "content-type": "text/xml;charset=UTF-8",
      // Clients correct their clocks by it.
      date: new Date(c.get("now")).toUTCString(),
      "x-amzn-requestid": c.get("requestId"),
      server: "AmazonEC2",
      ...headers,
    },
  });
}

/** A scripted fault in the API's own form; the page of a proxy where the API has no code for it. */
export function faulty(c: Context<Env>, fault: AnsweredFault): Response {
  if (fault.kind === "full")
    return refused(c, new Refusal("InsufficientInstanceCapacity", "scripted fault", 500));
  const code = fault.code ?? CODES[fault.status];
  const wait = fault.retryAfterSeconds;
  const body =
    code === undefined
      ? "<html><body><h1>Bad Gateway</h1></body></html>"
      : errorDocument(code, "scripted fault", c.get("requestId"));
  return sent(c, fault.status, body, wait === undefined ? {} : { "retry-after": String(wait) });
}
