import { z } from "zod";
import { ProviderFault, type ProviderFaultKind } from "../faults.ts";
import { kindOfStatus, loggedReply, refusedBy, retryAfterMs } from "../wire-faults.ts";
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

export function faultFromReply(reply: HttpReply): ProviderFault {
  const complaint = complaintIn(reply.body);
  return refusedBy({
    status: reply.status,
    code: complaint?.code,
    kind: kindOf(reply, complaint),
    requestId: requestIdOf(reply),
    retryAfterMs: retryAfterMs((name) => reply.headers.get(name)),
    cause: loggedReply(reply.status, reply.body),
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
  return kindOfStatus(status);
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
