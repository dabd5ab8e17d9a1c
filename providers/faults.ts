/** Says what the caller should do next: give up, wait, look again, or ask a person. */
export type ProviderFaultKind =
  | "NotFound"
  | "Capacity"
  | "Conflict"
  | "Throttled"
  | "Denied"
  | "Unavailable"
  | "Invalid";

interface ProviderFaultOptions {
  readonly cause?: unknown;
  /** The cloud's own code and request id: for the log, never for a response. */
  readonly vendorCode?: string;
  readonly vendorRequestId?: string;
  readonly retryAfterMs?: number;
}

/** The only error that crosses the port. The message is safe to show; the cause is private. */
export class ProviderFault extends Error {
  readonly kind: ProviderFaultKind;
  readonly vendorCode: string | undefined;
  readonly vendorRequestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(kind: ProviderFaultKind, message: string, options: ProviderFaultOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "ProviderFault";
    this.kind = kind;
    this.vendorCode = options.vendorCode;
    this.vendorRequestId = options.vendorRequestId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True when the same call may succeed later without anybody changing anything. */
export function isTransient(fault: unknown): boolean {
  return fault instanceof ProviderFault && (fault.kind === "Unavailable" || fault.kind === "Throttled");
}

export function isNotFound(fault: unknown): boolean {
  return fault instanceof ProviderFault && fault.kind === "NotFound";
}
