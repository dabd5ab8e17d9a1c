import type { Permission } from "./permissions.ts";

export const ROLE_NAMES = [
  "system_administrator",
  "security_administrator",
  "auditor",
  "provincial_operator",
  "approver",
  "cloud_operator",
  "department_member",
] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** 三员: system, security and audit administration exclude each other (GB/T 22239-2019 8.1.5.1-3). */
export const ADMINISTRATOR_ROLES: readonly RoleName[] = [
  "system_administrator",
  "security_administrator",
  "auditor",
];

export const SCOPE_KINDS = ["province", "cloud", "organization"] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** Everybody with an account sees the shared map: clouds and pools with their capacity, policies; no connections. */
const COMMON: readonly Permission[] = ["cloud.read", "organization.read", "policy.read"];

const OBSERVE: readonly Permission[] = [
  ...COMMON,
  "commitment.read",
  "compliance.read",
  "event.read",
  "exemption.read",
  "finding.read",
  "operation.read",
  "quota.read",
  "report.read",
  "request.read",
  "tenancy.read",
];

export const ROLE_PERMISSIONS: Record<RoleName, readonly Permission[]> = {
  system_administrator: [
    ...OBSERVE,
    "credential.manage",
    "credential.read",
    "metrics.read",
    "operation.retry",
    "province.apply",
    "token.manage",
  ],
  security_administrator: [
    ...OBSERVE,
    "compliance.assess",
    "compliance.close",
    "compliance.handle",
    "credential.read",
    "evidence.write",
    "exemption.approve",
    "exemption.request",
    "policy.activate",
    "policy.write",
  ],
  auditor: [...OBSERVE, "audit.read", "compliance.assess", "credential.read", "metrics.read"],
  provincial_operator: [
    ...OBSERVE,
    "cloud.operate",
    "compliance.assess",
    "compliance.close",
    "compliance.handle",
    "evidence.write",
    "exemption.request",
    "finding.decide",
    "commitment.write",
    "operation.retry",
    "policy.write",
    "pool.write",
    "quota.write",
    "request.handle",
    "request.reject",
    "tenancy.confirm",
    "tenancy.operate",
  ],
  approver: [...OBSERVE, "request.approve", "request.reject"],
  // A provider runs its cloud, but never approves (管运分离).
  cloud_operator: [
    ...OBSERVE,
    "cloud.operate",
    // Of a separated cloud not even this: `compliance/take-step.ts`.
    "compliance.close",
    "compliance.handle",
    "credential.manage",
    "credential.read",
    "evidence.write",
    "exemption.request",
    "operation.retry",
    "pool.write",
    "tenancy.confirm",
  ],
  department_member: [
    ...OBSERVE,
    "compliance.handle",
    "evidence.write",
    "exemption.request",
    "request.submit",
    "tenancy.confirm",
  ],
};
