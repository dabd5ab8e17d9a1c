import { digestOf } from "../kernel/hash.ts";
import type { CloudId, OrganizationId, PoolId, QuotaNodeId, TenancyId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import type { Price } from "../pricing/price.ts";
import type { InstanceGroup } from "./wire-body.ts";

export interface PlannedPart {
  readonly role: "primary" | "edge" | "recovery";
  readonly cloudId: CloudId;
  readonly poolId: PoolId;
  readonly quotaNodeId: QuotaNodeId;
  readonly zone: "internet" | "extranet" | "dedicated";
  readonly architecture: string;
  /** What the part holds when the plan has been carried out. */
  readonly amounts: ResourceVector;
  /** What the part holds now, for a change; empty for a new tenancy. */
  readonly before: ResourceVector;
}

/** One rule's say on the plan: enough to see that policy has drifted, and not more. */
export interface PlanVerdict {
  readonly policyId: string;
  readonly policyVersion: number;
  readonly action: string;
  /** Only where an exemption excuses it: the plan is another one without it. */
  readonly exemptionId?: string;
}

/**
 * Exactly what an approver approves and what is then carried out. It holds no time of day, so that the
 * same circumstances give the same hash: request, policy verdict, placement and price.
 */
export interface Plan {
  readonly kind: "create" | "resize" | "renew" | "release";
  readonly organizationId: OrganizationId;
  readonly tenancyId: TenancyId | null;
  readonly system: { readonly name: string; readonly mlpsLevel: number; readonly dataClass: string };
  readonly environment: string;
  readonly parts: readonly PlannedPart[];
  readonly instances: readonly InstanceGroup[];
  readonly resources: ResourceVector;
  readonly term: { readonly start: string; readonly end: string };
  readonly outcome: "allowed" | "needs_approval";
  /** Content digest of the policies in force. */
  readonly policyDigest: string;
  readonly verdicts: readonly PlanVerdict[];
  readonly approvers: readonly RequiredApprover[];
  readonly price: Price;
  readonly dataExport: "done" | "not_needed" | null;
}

export interface RequiredApprover {
  readonly role: string;
  readonly scope: "province" | "cloud" | "organization";
}

export function planHash(plan: Plan): string {
  return `sha256:${digestOf(plan)}`;
}
