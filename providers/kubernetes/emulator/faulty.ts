import type { ServerResponse } from "node:http";
import type { AnsweredFault } from "../../emulation/script.ts";
import { NAMESPACES } from "./resources.ts";
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

/** A scripted fault as the API server would say it. */
export function faulty(fault: AnsweredFault, outgoing: ServerResponse): Refusal {
  if (fault.kind === "full") {
    const why = "exceeded quota: cluster, requested: pods=1, used: pods=1, limited: pods=1";
    return forbidden(NAMESPACES, "scripted", why);
  }
  const { status, retryAfterSeconds } = fault;
  if (retryAfterSeconds !== undefined) outgoing.setHeader("retry-after", retryAfterSeconds);
  const details = {
    ...(status === 404 ? { name: "scripted", kind: "faults" } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
  return new Refusal(status, fault.code ?? REASONS[status] ?? "", "scripted fault", details);
}
