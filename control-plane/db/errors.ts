/** Socket and driver codes that mean "no database there", not "the statement is wrong". */
export const UNAVAILABLE_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
]);

/** True where the connection is gone; what the server refuses leaves it open, unless the server itself is going away. */
export function isLoss(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code, severity } = current as { code?: string; severity?: string };
    if (severity === "FATAL" || severity === "PANIC") return true;
    if (severity === undefined && code !== undefined && UNAVAILABLE_CODES.has(code)) return true;
  }
  return false;
}

/** The statement ran into its time-out. */
export const STATEMENT_CANCELLED = "57014";

/** SQLSTATE or socket code of an error, found along its chain of causes. */
export function sqlStateOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") return current.code;
  }
  return undefined;
}

/** Name of the violated constraint, alike for both drivers. */
export function violatedConstraint(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    for (const key of ["constraint_name", "constraint"] as const) {
      const name = (current as unknown as Record<string, unknown>)[key];
      if (typeof name === "string") return name;
    }
  }
  return undefined;
}

/** Counts as a serialization failure, which is what it is; `withTx` repeats those from the start. */
export class RunAgain extends Error {
  readonly code = "40001";
}
