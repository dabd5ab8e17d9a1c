import { ProviderFault, type ProviderFaultKind } from "./faults.ts";

/** What every adapter that speaks HTTP says alike of what has come, or not come, over the wire. */

const KIND_BY_STATUS: Readonly<Record<number, ProviderFaultKind>> = {
  400: "Invalid",
  401: "Denied",
  403: "Denied",
  404: "NotFound",
  408: "Unavailable",
  409: "Conflict",
  // A place in a list, or an object, of a past that is forgotten: repeating the same call would not help.
  410: "Conflict",
  // A precondition on the revision: somebody else was faster.
  412: "Conflict",
  422: "Invalid",
  429: "Throttled",
  507: "Capacity",
};

const MEANING: Readonly<Record<ProviderFaultKind, string>> = {
  NotFound: "no such object",
  Capacity: "no room in the pool or in the quota",
  Conflict: "the object is in another state",
  Throttled: "too many calls",
  Denied: "the credentials do not permit this",
  Unavailable: "the cloud is out of order",
  Invalid: "the cloud does not accept this request",
};

/** Where an answer says no more than its status. */
export function kindOfStatus(status: number): ProviderFaultKind {
  return KIND_BY_STATUS[status] ?? (status >= 400 && status < 500 ? "Invalid" : "Unavailable");
}

/** What an adapter has made of an answer other than success. */
export interface Refused {
  readonly status: number;
  readonly kind: ProviderFaultKind;
  /** Undefined where the cloud gives none. */
  readonly code: string | undefined;
  readonly requestId: string | null | undefined;
  readonly retryAfterMs: number | null;
  /** For the log: the cloud's own words may name hosts or other tenants. */
  readonly cause: unknown;
}

export function refusedBy({ status, kind, code, requestId, retryAfterMs, cause }: Refused): ProviderFault {
  return new ProviderFault(kind, `the cloud answered ${status}: ${MEANING[kind]}`, {
    cause,
    vendorCode: code ?? `http_${status}`,
    ...(requestId == null ? {} : { vendorRequestId: requestId }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

const BODY_KEPT = 2_000;

/** As much of an answer as a log should hold. */
export function loggedReply(status: number, body: string): { status: number; body: string } {
  return { status, body: body.slice(0, BODY_KEPT) };
}

/** The call got no answer at all, or was given up. `code` is that of the network. */
export function unanswered(
  cause: unknown,
  signal: AbortSignal | undefined,
  code: string | undefined,
): ProviderFault {
  if (signal?.aborted === true) return givenUp(cause);
  return new ProviderFault("Unavailable", "the cloud cannot be reached", {
    cause,
    vendorCode: code ?? "network",
  });
}

export function givenUp(cause: unknown): ProviderFault {
  return new ProviderFault("Unavailable", "the call was given up", { cause, vendorCode: "aborted" });
}

/** A success whose content is not what the API promises; the work may or may not have been done. */
export function unreadable(cause: unknown): ProviderFault {
  return new ProviderFault("Unavailable", "the cloud's answer cannot be read", {
    cause,
    vendorCode: "unreadable_reply",
  });
}

/** Seconds or a date (RFC 9110 10.2.3); a date counts from the server's own clock. Null where it does not say. */
export function retryAfterMs(header: (name: string) => string | null | undefined): number | null {
  const value = header("retry-after") ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(header("date") ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}

/** Of what `fetch` throws: the code is in the cause. */
export function fetchCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : undefined;
}
