import { uuidv7 } from "uuidv7";
import type { Brand } from "./brand.ts";

export type OrganizationId = Brand<string, "organization">;
export type SystemId = Brand<string, "system">;
export type CloudId = Brand<string, "cloud">;
export type ZoneId = Brand<string, "zone">;
export type PoolId = Brand<string, "pool">;
export type QuotaNodeId = Brand<string, "quota-node">;
export type RequestId = Brand<string, "tenancy-request">;
export type TenancyId = Brand<string, "tenancy">;
export type PlacementId = Brand<string, "placement">;
export type HoldId = Brand<string, "hold">;
export type OperationId = Brand<string, "operation">;
export type AccountId = Brand<string, "account">;
export type TokenId = Brand<string, "token">;
export type FindingId = Brand<string, "finding">;
export type OverLimitId = Brand<string, "over-limit">;
export type CommitmentId = Brand<string, "commitment">;
export type ExemptionId = Brand<string, "exemption">;
export type DecisionId = Brand<string, "decision">;
export type AssessmentId = Brand<string, "assessment">;
export type ComplianceFindingId = Brand<string, "compliance-finding">;
export type EvidenceId = Brand<string, "evidence">;
export type AuditEntryId = Brand<string, "audit-entry">;

/** Prefixes tell a reader of a log what an id names; they are part of the API and never change. */
interface IdsByPrefix {
  req: RequestId;
  ten: TenancyId;
  plc: PlacementId;
  hold: HoldId;
  op: OperationId;
  acc: AccountId;
  tok: TokenId;
  aud: AuditEntryId;
  sys: SystemId;
  fnd: FindingId;
  ovl: OverLimitId;
  cmt: CommitmentId;
  exm: ExemptionId;
  dec: DecisionId;
  asr: AssessmentId;
  cfn: ComplianceFindingId;
  evd: EvidenceId;
}

/** Source of new ids; injected, so that a test can make them predictable. */
export interface Ids {
  next<Prefix extends keyof IdsByPrefix>(prefix: Prefix): IdsByPrefix[Prefix];
}

/** Time-ordered ids (RFC 9562 UUIDv7), so that new rows land at the end of their index. */
export const systemIds: Ids = {
  next: (prefix) => idOf(prefix, uuidv7()),
};

/** Brands an id that was just made under its own prefix; the only cast of this file. */
export function idOf<Prefix extends keyof IdsByPrefix>(prefix: Prefix, suffix: string): IdsByPrefix[Prefix] {
  return `${prefix}_${suffix}` as IdsByPrefix[Prefix];
}

/** Brands a string that the caller has read from the database or a validated document. */
export function knownId<Id extends Brand<string, string>>(value: string): Id {
  return value as Id;
}
