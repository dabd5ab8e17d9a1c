import type { Text } from "../kernel/text.ts";
import type { RequiredApprover } from "./plan.ts";

export interface Violation {
  readonly policyId: string;
  readonly policyVersion: number;
  readonly ruleId: string;
  readonly severity: "deny" | "require-approval" | "warn" | "audit";
  readonly basis: readonly { standard: string; clause?: string | undefined; note?: string | undefined }[];
  readonly message: Text;
  readonly actual: unknown;
  readonly required: unknown;
}

/** What was decided and why; every failing rule is here, not the first. */
export interface Decision {
  readonly outcome: "allowed" | "needs_approval" | "denied";
  readonly violations: readonly Violation[];
  readonly approvers: readonly RequiredApprover[];
  readonly decidedAt: string;
  readonly policyDigest: string;
}
