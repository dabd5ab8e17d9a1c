import type { IncomingMessage, ServerResponse } from "node:http";
import { NAMESPACES } from "./resources.ts";
import type { Treatment } from "./script.ts";
import { forbidden, Refusal } from "./status.ts";

const REASONS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
};

/** A fault that comes instead of the work. @throws Refusal; false where there will be no answer at all */
export async function suffer(
  instead: NonNullable<Treatment["instead"]>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<false> {
  switch (instead.kind) {
    case "status": {
      const { status, retryAfterSeconds } = instead;
      if (retryAfterSeconds !== undefined) outgoing.setHeader("retry-after", retryAfterSeconds);
      const details = {
        ...(status === 404 ? { name: "scripted", kind: "faults" } : {}),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      };
      throw new Refusal(status, REASONS[status] ?? "", "scripted fault", details);
    }
    case "full":
      throw forbidden(
        NAMESPACES,
        "scripted",
        "exceeded quota: cluster, requested: pods=1, used: pods=1, limited: pods=1",
      );
    case "hang":
      await pause(null, outgoing);
      return false;
    case "reset":
      incoming.socket.resetAndDestroy();
      return false;
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
