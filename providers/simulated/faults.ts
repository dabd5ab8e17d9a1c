import { z } from "zod";
import { ProviderFault, type ProviderFaultKind } from "../faults.ts";

/** An answer other than 2xx, read to its end. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

const ErrorBody = z.object({ error: z.object({ code: z.string() }) });

/** Codes that say more than their status. */
const KIND_BY_CODE: Readonly<Record<string, ProviderFaultKind>> = {
  capacity: "Capacity",
  quota_exceeded: "Capacity",
  // A wrong cloud id must not look like a tenancy that is gone.
  unknown_cloud: "Invalid",
  no_such_route: "Invalid",
};

const KIND_BY_STATUS: Readonly<Record<number, ProviderFaultKind>> = {
  400: "Invalid",
  401: "Denied",
  403: "Denied",
  404: "NotFound",
  408: "Unavailable",
  409: "Conflict",
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

export function faultFromReply(reply: ErrorReply): ProviderFault {
  const error = errorIn(reply.body);
  const retryAfterMs = retryAfter(reply.headers);
  const vendorRequestId = reply.headers.get("x-cloud-request-id");
  const kind = kindOf(reply.status, error?.code);
  return new ProviderFault(kind, `the cloud answered ${reply.status}: ${MEANING[kind]}`, {
    // The cloud's own words may name hosts or other tenants, so they stay in the log.
    cause: { status: reply.status, body: reply.body.slice(0, 2000) },
    vendorCode: error?.code ?? `http_${reply.status}`,
    ...(vendorRequestId === null ? {} : { vendorRequestId }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** The call got no answer at all, or was given up. */
export function faultFromFailure(error: unknown, signal: AbortSignal | undefined): ProviderFault {
  if (signal?.aborted === true) {
    return new ProviderFault("Unavailable", "the call was given up", { cause: error, vendorCode: "aborted" });
  }
  return new ProviderFault("Unavailable", "the cloud cannot be reached", {
    cause: error,
    vendorCode: networkCode(error),
  });
}

/** A success whose content is not what the API promises; the work may or may not have been done. */
export function faultFromContent(cause: unknown): ProviderFault {
  return new ProviderFault("Unavailable", "the cloud's answer cannot be read", {
    cause,
    vendorCode: "unreadable_reply",
  });
}

function kindOf(status: number, code: string | undefined): ProviderFaultKind {
  // "Not found" from a proxy that does not know the cloud would otherwise count as removed.
  if (status === 404 && code === undefined) return "Unavailable";
  const byCode = code === undefined ? undefined : KIND_BY_CODE[code];
  if (byCode !== undefined) return byCode;
  return KIND_BY_STATUS[status] ?? (status >= 400 && status < 500 ? "Invalid" : "Unavailable");
}

function errorIn(body: string): { code: string } | null {
  try {
    return ErrorBody.safeParse(JSON.parse(body)).data?.error ?? null;
  } catch {
    return null; // Not JSON: the page of a proxy, which says nothing about the object.
  }
}

/** Seconds or a date (RFC 9110 10.2.3); a date counts from the server's own clock. */
function retryAfter(headers: Headers): number | null {
  const value = headers.get("retry-after");
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(wait) ? Math.max(0, wait) : null;
}

function networkCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "network";
}
