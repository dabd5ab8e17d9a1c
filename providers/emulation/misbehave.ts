import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Env, MiddlewareHandler } from "hono";
import type { AnsweredFault, Treatment } from "./script.ts";

/** Both ends of one exchange. */
export interface Wires {
  readonly incoming: Pick<IncomingMessage, "socket">;
  readonly outgoing: ServerResponse;
}

/**
 * Lets pass what comes before the work.
 * @returns what is to be answered instead; null where the work is to be done, "silence" where nobody is answered
 */
export async function endure(
  { latencyMs, instead }: Treatment,
  { incoming, outgoing }: Wires,
): Promise<AnsweredFault | "silence" | null> {
  if (latencyMs > 0) await pause(latencyMs, outgoing);
  switch (instead?.kind) {
    case "hang":
      await pause(null, outgoing);
      return "silence";
    case "reset":
      cutOff({ incoming });
      return "silence";
    default:
      return instead;
  }
}

/** The connection ends without a word. */
export function cutOff({ incoming }: Pick<Wires, "incoming">): void {
  incoming.socket.resetAndDestroy();
}

interface Misbehaviour<E extends Env> {
  readonly treatmentOf: (c: Context<E>) => Treatment | Promise<Treatment>;
  /** The fault in the cloud's own form. */
  readonly refuse: (c: Context<E>, fault: AnsweredFault) => Response;
}

/** Gives each call the treatment that is in store for it; what lists need of it is left as `treatment`. */
export function misbehaving<E extends { Bindings: HttpBindings; Variables: { treatment: Treatment } }>({
  treatmentOf,
  refuse,
}: Misbehaviour<E>): MiddlewareHandler<E> {
  return async (c, next) => {
    const treatment = await treatmentOf(c);
    c.set("treatment", treatment);
    const instead = await endure(treatment, c.env);
    if (instead === "silence") return RESPONSE_ALREADY_SENT;
    if (instead !== null) return refuse(c, instead);
    await next();
    if (treatment.loseReply) {
      cutOff(c.env);
      c.res = RESPONSE_ALREADY_SENT;
    }
    return;
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
