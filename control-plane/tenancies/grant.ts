import type { AccountId, RequestId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import type { RequestFacts } from "../policy/facts.ts";
import type { InstanceGroup } from "../requests/wire-body.ts";

/** What a tenancy may hold and on whose word; replaced as a whole by an approved change. */
export interface TenancyGrant {
  readonly requestId: RequestId;
  readonly planHash: string;
  readonly approvedBy: readonly AccountId[];
  readonly resources: ResourceVector;
  readonly instances: readonly InstanceGroup[];
  /** The facts that the decision was made on, so that it can be judged again at any time. */
  readonly facts: RequestFacts;
}

/** One party's word that the trial run has gone well (三方确认). */
export interface Confirmation {
  readonly party: ConfirmationParty;
  readonly accountId: AccountId | null;
  readonly at: string;
}

/** The department, the operating body, the provider of the cloud. */
export const CONFIRMATION_PARTIES = ["department", "operator", "provider"] as const;
export type ConfirmationParty = (typeof CONFIRMATION_PARTIES)[number];

/** True when all parties have confirmed and the system may go live. */
export function isConfirmed(confirmations: readonly Confirmation[]): boolean {
  return CONFIRMATION_PARTIES.every((party) => confirmations.some((entry) => entry.party === party));
}
