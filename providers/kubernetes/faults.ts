import { ApiException } from "@kubernetes/client-node";
import { z } from "zod";
import { ProviderFault, type ProviderFaultKind } from "../faults.ts";

/** What the API server says in place of an object. */
const Status = z.object({
  kind: z.literal("Status"),
  message: z.string().default(""),
  reason: z.string().default(""),
  details: z
    .object({
      name: z.string().optional(),
      kind: z.string().optional(),
      retryAfterSeconds: z.number().optional(),
      causes: z.array(z.object({ reason: z.string().optional() })).default([]),
    })
    .default({ causes: [] }),
});
type Status = z.output<typeof Status>;

const KIND_BY_STATUS: Readonly<Record<number, ProviderFaultKind>> = {
  400: "Invalid",
  401: "Denied",
  403: "Denied",
  404: "NotFound",
  408: "Unavailable",
  409: "Conflict",
  // A list that has to be begun again: repeating the same call would not help.
  410: "Conflict",
  422: "Invalid",
  429: "Throttled",
  507: "Capacity",
};

/** Statuses that say only in words what is meant. */
const WORDED = [403, 422, 500];
const KIND_BY_WORDS: readonly (readonly [RegExp, ProviderFaultKind, string])[] = [
  [/exceeded quota:/, "Capacity", "exceeded_quota"],
  // Between the making of a quota and the controller's first look at it nothing is admitted.
  [/status unknown for quota:/, "Unavailable", "quota_pending"],
  [/because it is being terminated/, "Conflict", "removing"],
  [/violates PodSecurity/, "Invalid", "pod_security"],
  [/(maximum|minimum) .* usage per (Container|Pod|PersistentVolumeClaim)/, "Invalid", "limit_range"],
  [/database space exceeded/, "Capacity", "etcd_full"],
  // An object of another life has come in its place.
  [/metadata\.uid: .*field is immutable/, "Conflict", "uid_mismatch"],
];

const MEANING: Readonly<Record<ProviderFaultKind, string>> = {
  NotFound: "no such object",
  Capacity: "no room in the pool or in the quota",
  Conflict: "the object is in another state",
  Throttled: "too many calls",
  Denied: "the credentials do not permit this",
  Unavailable: "the cloud is out of order",
  Invalid: "the cloud does not accept this request",
};

/** Every way in which a call of the client can fail. */
export function faultFrom(error: unknown, signal: AbortSignal | undefined): ProviderFault {
  if (error instanceof ProviderFault) return error;
  if (error instanceof ApiException) return faultFromReply(error);
  const cause = bare(error);
  if (signal?.aborted === true) {
    return new ProviderFault("Unavailable", "the call was given up", { cause, vendorCode: "aborted" });
  }
  if (cause.code !== undefined) {
    return new ProviderFault("Unavailable", "the cloud cannot be reached", { cause, vendorCode: cause.code });
  }
  // The client could not make anything of the answer; the work may or may not have been done.
  return unreadable(cause);
}

export function unreadable(cause: unknown): ProviderFault {
  const message = "the cloud's answer cannot be read";
  return new ProviderFault("Unavailable", message, { cause, vendorCode: "unreadable_reply" });
}

function faultFromReply({ code, body, headers }: ApiException<unknown>): ProviderFault {
  const text = typeof body === "string" ? body : "";
  const status = statusIn(text);
  const worded = KIND_BY_WORDS.find(([words]) => WORDED.includes(code) && words.test(status?.message ?? ""));
  const kind = worded?.[1] ?? kindOf(code, status);
  const retryAfterMs = retryAfter(headers, status);
  const vendorRequestId = headers["audit-id"];
  return new ProviderFault(kind, `the cloud answered ${code}: ${MEANING[kind]}`, {
    // The cloud's own words may name hosts or other tenants, so they stay in the log.
    cause: { status: code, body: text.slice(0, 2000) },
    vendorCode: worded?.[2] ?? (status?.reason || `http_${code}`),
    ...(vendorRequestId === undefined ? {} : { vendorRequestId }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

function kindOf(code: number, status: Status | null): ProviderFaultKind {
  if (code === 404) {
    // A proxy that does not know the cluster would otherwise make everything look removed.
    if (status === null) return "Unavailable";
    // No such resource at all: the cluster does not serve this API.
    if (status.details.name === undefined) return "Invalid";
  }
  return KIND_BY_STATUS[code] ?? (code >= 400 && code < 500 ? "Invalid" : "Unavailable");
}

function statusIn(text: string): Status | null {
  try {
    return Status.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // Not JSON: the page of a proxy, which says nothing about the object.
  }
}

/** Seconds or a date (RFC 9110 10.2.3); a date counts from the server's own clock. */
function retryAfter(headers: Readonly<Record<string, string>>, status: Status | null): number | null {
  const value = headers["retry-after"];
  if (value !== undefined && /^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value ?? "") - Date.parse(headers.date ?? "");
  if (Number.isFinite(wait)) return Math.max(0, wait);
  const seconds = status?.details.retryAfterSeconds;
  return seconds === undefined ? null : seconds * 1000;
}

/** Without the request, whose headers hold the token. */
function bare(error: unknown): { name: string; message: string; code?: string } {
  if (!(error instanceof Error)) return { name: "unknown", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const { name, message } = error;
  return code === undefined ? { name, message } : { name, message, code };
}
