import { z } from "zod";
import type { ProviderFault, ProviderFaultKind } from "../faults.ts";
import { kindOfStatus, loggedReply, refusedBy, retryAfterMs } from "../wire-faults.ts";

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

export function faultFromReply({ status, headers, body }: ErrorReply): ProviderFault {
  const code = errorIn(body)?.code;
  return refusedBy({
    status,
    code,
    kind: kindOf(status, code),
    requestId: headers.get("x-cloud-request-id"),
    retryAfterMs: retryAfterMs((name) => headers.get(name)),
    cause: loggedReply(status, body),
  });
}

function kindOf(status: number, code: string | undefined): ProviderFaultKind {
  // "Not found" from a proxy that does not know the cloud would otherwise count as removed.
  if (status === 404 && code === undefined) return "Unavailable";
  const byCode = code === undefined ? undefined : KIND_BY_CODE[code];
  if (byCode !== undefined) return byCode;
  return kindOfStatus(status);
}

function errorIn(body: string): { code: string } | null {
  try {
    return ErrorBody.safeParse(JSON.parse(body)).data?.error ?? null;
  } catch {
    return null; // Not JSON: the page of a proxy, which says nothing about the object.
  }
}
