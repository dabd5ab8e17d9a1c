import { type Fault, fault, isFault } from "../kernel/fault.ts";
import { FAULT_CODES } from "../kernel/fault-codes.ts";

/** RFC 9457 problem details, with a permanent code and the message in both languages. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly messageZh: string;
  readonly requestId: string;
  readonly details: Readonly<Record<string, unknown>>;
}

function problemOf(refusal: Fault, requestId: string): Problem {
  const { status, title } = FAULT_CODES[refusal.code];
  return {
    type: `/problems/${refusal.code}`,
    title: title.en,
    status,
    code: refusal.code,
    message: title.en,
    messageZh: title.zh,
    requestId,
    details: refusal.details,
  };
}

/** Anything that is not an expected refusal answers only with the request id; the cause goes to the log. */
export function refusalOf(error: unknown): Fault {
  return isFault(error) ? error : fault("internal.unexpected", {}, { cause: error });
}

export function problemResponse(refusal: Fault, requestId: string): Response {
  const headers = new Headers({ "content-type": "application/problem+json", "x-request-id": requestId });
  const retryAfter = refusal.details.retryAfterSeconds;
  if (typeof retryAfter === "number") headers.set("retry-after", String(retryAfter));
  if (refusal.status === 503 && typeof retryAfter !== "number") headers.set("retry-after", "5");
  if (refusal.status === 401) headers.set("www-authenticate", "Bearer");
  const { allowed } = refusal.details;
  if (refusal.status === 405 && Array.isArray(allowed)) headers.set("allow", allowed.join(", "));
  return new Response(JSON.stringify(problemOf(refusal, requestId)), { status: refusal.status, headers });
}
