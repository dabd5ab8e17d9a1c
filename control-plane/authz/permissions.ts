/** What a verb may require. Names are object first, so that a sorted list reads by object. */
export const PERMISSIONS = [
  "audit.read",
  "cloud.operate",
  "cloud.read",
  "event.read",
  "metrics.read",
  "operation.read",
  "operation.retry",
  "organization.read",
  "policy.read",
  "province.apply",
  "quota.read",
  "quota.write",
  "report.read",
  "request.approve",
  "request.handle",
  "request.read",
  "request.reject",
  "request.submit",
  "tenancy.confirm",
  "tenancy.operate",
  "tenancy.read",
  "token.manage",
] as const;

export type Permission = (typeof PERMISSIONS)[number];
