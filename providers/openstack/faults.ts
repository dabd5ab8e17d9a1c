import { z } from "zod";
import { ProviderFault, type ProviderFaultKind } from "../faults.ts";
import type { HttpReply } from "./transport.ts";

/** What a service says about a refusal: `code` is its own name for it. */
interface Complaint {
  readonly code: string;
  readonly message: string;
}

const KEYSTONE = z.object({ error: z.object({ title: z.string(), message: z.string() }) });
const NEUTRON = z.object({ NeutronError: z.object({ type: z.string(), message: z.string() }) });
const PLACEMENT = z.object({
  errors: z.tuple([z.object({ code: z.string().optional(), title: z.string(), detail: z.string() })]),
});
/** Nova and Cinder: one key that names the fault. */
const NOVA = z.record(z.string(), z.object({ code: z.number(), message: z.string() }));

const KIND_BY_STATUS: Readonly<Record<number, ProviderFaultKind>> = {
  400: "Invalid",
  401: "Denied",
  403: "Denied",
  404: "NotFound",
  408: "Unavailable",
  409: "Conflict",
  // A precondition on the revision: somebody else was faster.
  412: "Conflict",
  422: "Invalid",
  429: "Throttled",
};

/** Refusals that mean something else than their status. */
const KIND_BY_COMPLAINT: readonly (readonly [RegExp, ProviderFaultKind])[] = [
  [/^OverQuota$/, "Capacity"],
  [/^IpAddressGenerationFailure/, "Capacity"],
  [/^NoNetworkAvailable$/, "Capacity"],
  [/^forbidden: Quota exceeded/, "Capacity"],
  [/^forbidden: .*exceeds? .*quota/i, "Capacity"],
  [/^overLimit: .*(Quota|quota)/, "Capacity"],
  [/^overLimit\b/, "Throttled"],
  [/^badRequest: Quota limit .* must be greater than or equal to already used/, "Conflict"],
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

export function faultFromReply(reply: HttpReply): ProviderFault {
  const complaint = complaintIn(reply.body);
  const kind = kindOf(reply, complaint);
  const retryAfterMs = retryAfter(reply.headers);
  const vendorRequestId = requestIdOf(reply);
  return new ProviderFault(kind, `the cloud answered ${reply.status}: ${MEANING[kind]}`, {
    // The cloud's own words may name hosts or other tenants, so they stay in the log.
    cause: { status: reply.status, body: reply.body.slice(0, 2000) },
    vendorCode: complaint?.code ?? `http_${reply.status}`,
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

/** Half a list would make the missing half look deleted. */
export function partialList(): ProviderFault {
  return new ProviderFault("Unavailable", "the cloud listed only a part", { vendorCode: "partial_list" });
}

function kindOf(reply: HttpReply, complaint: Complaint | null): ProviderFaultKind {
  const { status } = reply;
  // "Not found" from a front end that does not know the service would otherwise count as removed.
  if (status === 404 && complaint === null && requestIdOf(reply) === null) return "Unavailable";
  if (complaint !== null) {
    const words = `${complaint.code}: ${complaint.message}`;
    const found = KIND_BY_COMPLAINT.find(([pattern]) => pattern.test(words) || pattern.test(complaint.code));
    if (found !== undefined && status < 500) return found[1];
  }
  return KIND_BY_STATUS[status] ?? (status >= 400 && status < 500 ? "Invalid" : "Unavailable");
}

function complaintIn(body: string): Complaint | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null; // Not JSON: Glance's page, or that of a front end.
  }
  const keystone = KEYSTONE.safeParse(json).data?.error;
  if (keystone !== undefined) return { code: keystone.title, message: keystone.message };
  const neutron = NEUTRON.safeParse(json).data?.NeutronError;
  if (neutron !== undefined) return { code: neutron.type, message: neutron.message };
  const placement = PLACEMENT.safeParse(json).data?.errors[0];
  if (placement !== undefined) return { code: placement.code ?? placement.title, message: placement.detail };
  const [nova] = Object.entries(NOVA.safeParse(json).data ?? {});
  return nova === undefined ? null : { code: nova[0], message: nova[1].message };
}

function requestIdOf(reply: HttpReply): string | null {
  return reply.headers.get("x-openstack-request-id") ?? reply.headers.get("x-compute-request-id");
}

/** Seconds or a date (RFC 9110 10.2.3); a date counts from the server's own clock. */
function retryAfter(headers: HttpReply["headers"]): number | null {
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
