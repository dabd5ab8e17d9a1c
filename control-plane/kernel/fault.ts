import { FAULT_CODES, type FaultCodeName } from "./fault-codes.ts";

/** Details are shown to the caller: figures and ids, never a secret, a stack or a cause. */
export type FaultDetails = Readonly<Record<string, unknown>>;

/** An expected refusal. The code is permanent, the details are public, the cause stays in the log. */
export class Fault extends Error {
  readonly code: FaultCodeName;
  readonly details: FaultDetails;

  constructor(code: FaultCodeName, details: FaultDetails, cause: unknown) {
    super(`${code}: ${FAULT_CODES[code].title.en}`, { cause });
    this.name = "Fault";
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return FAULT_CODES[this.code].status;
  }
}

export function fault(
  code: FaultCodeName,
  details: FaultDetails = {},
  options: { cause?: unknown } = {},
): Fault {
  return new Fault(code, details, options.cause);
}

export function isFault(error: unknown, code?: FaultCodeName): error is Fault {
  return error instanceof Fault && (code === undefined || error.code === code);
}
