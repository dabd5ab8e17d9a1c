/** One visible step of an operation; names are stable so that a client can translate them. */
export interface OperationStep {
  readonly name: string;
  readonly status: "pending" | "running" | "done" | "failed";
  readonly message: string | null;
  readonly at: string | null;
}

/** Whole per cent of steps done; 100 only when every step is. */
export function progressOf(steps: readonly OperationStep[]): number {
  if (steps.length === 0) return 0;
  const done = steps.filter((step) => step.status === "done").length;
  return Math.floor((done * 100) / steps.length);
}
