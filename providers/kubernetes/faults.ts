import { ApiException } from "@kubernetes/client-node";
import { z } from "zod";
import { ProviderFault, type ProviderFaultKind } from "../faults.ts";
import {
  givenUp,
  kindOfStatus,
  loggedReply,
  refusedBy,
  retryAfterMs,
  unanswered,
  unreadable,
} from "../wire-faults.ts";

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

/** Every way in which a call of the client can fail. */
export function faultFrom(error: unknown, signal: AbortSignal | undefined): ProviderFault {
  if (error instanceof ProviderFault) return error;
  if (error instanceof ApiException) return faultFromReply(error);
  const cause = bare(error);
  if (signal?.aborted === true) return givenUp(cause);
  if (cause.code !== undefined) return unanswered(cause, signal, cause.code);
  // The client could not make anything of the answer; the work may or may not have been done.
  return unreadable(cause);
}

function faultFromReply({ code, body, headers }: ApiException<unknown>): ProviderFault {
  const text = typeof body === "string" ? body : "";
  const status = statusIn(text);
  const worded = KIND_BY_WORDS.find(([words]) => WORDED.includes(code) && words.test(status?.message ?? ""));
  const seconds = status?.details.retryAfterSeconds;
  return refusedBy({
    status: code,
    code: worded?.[2] ?? (status?.reason || undefined),
    kind: worded?.[1] ?? kindOf(code, status),
    requestId: headers["audit-id"],
    retryAfterMs: retryAfterMs((name) => headers[name]) ?? (seconds === undefined ? null : seconds * 1000),
    cause: loggedReply(code, text),
  });
}

function kindOf(code: number, status: Status | null): ProviderFaultKind {
  if (code === 404) {
    // A proxy that does not know the cluster would otherwise make everything look removed.
    if (status === null) return "Unavailable";
    // No such resource at all: the cluster does not serve this API.
    if (status.details.name === undefined) return "Invalid";
  }
  return kindOfStatus(code);
}

function statusIn(text: string): Status | null {
  try {
    return Status.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // Not JSON: the page of a proxy, which says nothing about the object.
  }
}

/** Without the request, whose headers hold the token. */
function bare(error: unknown): { name: string; message: string; code?: string } {
  if (!(error instanceof Error)) return { name: "unknown", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const { name, message } = error;
  return code === undefined ? { name, message } : { name, message, code };
}
