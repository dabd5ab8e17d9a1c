import type { CloudId, PoolId, QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";

/** The part of a plan that lands in one pool and counts against one quota node. */
export interface HeldPart {
  readonly role: "primary" | "edge" | "recovery";
  readonly cloudId: CloudId;
  readonly poolId: PoolId;
  readonly quotaNodeId: QuotaNodeId;
  readonly amounts: ResourceVector;
  /** The first day on which it will count no more, its retention included; absent: until it is given back. */
  readonly until?: string;
}
