import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { Refusal } from "./refusal.ts";
import type { Treatment } from "./script.ts";
import { errorDocument } from "./xml.ts";

export interface Env {
  Bindings: HttpBindings;
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

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function refused(refusal: Refusal, requestId: string): Answer {
  return { status: refusal.status, body: errorDocument(refusal.code, refusal.message, requestId) };
}

/** An answer as it leaves the server, or what the script makes of it. */
export function sent(c: Context<Env>, answer: Answer, requestId: string, now: number, treatment?: Treatment) {
  if (treatment?.loseReply) {
    c.env.incoming.socket.resetAndDestroy();
    return RESPONSE_ALREADY_SENT;
  }
  const body = treatment?.partial ? answer.body.slice(0, answer.body.length / 2) : answer.body;
  return new Response(body, {
    status: answer.status,
    headers: {
      "content-type": "text/xml;charset=UTF-8",
      // Clients correct their clocks by it.
      date: new Date(now).toUTCString(),
      "x-amzn-requestid": requestId,
      server: "AmazonEC2",
      ...answer.headers,
    },
  });
}

/** What comes instead of the work; null when the work is to be done. */
export async function instead(c: Context<Env>, { instead: fault }: Treatment, now: number) {
  switch (fault?.kind) {
    case "status": {
      const code = fault.code ?? CODES[fault.status];
      const requestId = randomUUID();
      const body =
        code === undefined
          ? "<html><body><h1>Bad Gateway</h1></body></html>"
          : errorDocument(code, "scripted fault", requestId);
      const wait = fault.retryAfterSeconds;
      const headers = wait === undefined ? {} : { "retry-after": String(wait) };
      return sent(c, { status: fault.status, body, headers }, requestId, now);
    }
    case "hang":
      await pause(null, c.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    case "reset":
      c.env.incoming.socket.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    case undefined:
      return null;
  }
}

/** Waits for the time, or for ever with null, but never longer than the caller does. */
export function pause(ms: number | null, outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = ms === null ? undefined : setTimeout(resolve, ms);
    outgoing.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
