import type { CloudId } from "../kernel/ids.ts";
import type { Permission } from "./permissions.ts";
import { ROLE_PERMISSIONS, type RoleName, type ScopeKind } from "./roles.ts";

export interface Grant {
  readonly role: RoleName;
  readonly scopeKind: ScopeKind;
  readonly scopeId: string;
  /** Path of the organization that the grant is for; "" for other kinds. */
  readonly organizationPath: string;
}

/** Where somebody may do something: everywhere, in some clouds, in some organization subtrees. */
export interface Scope {
  readonly everywhere: boolean;
  readonly cloudIds: readonly CloudId[];
  readonly organizationPaths: readonly string[];
}

/** What a scope is compared with. */
export interface Place {
  readonly organizationPath?: string | null;
  readonly cloudId?: CloudId | null;
}

export const EVERYWHERE: Scope = { everywhere: true, cloudIds: [], organizationPaths: [] };

/** Null when no grant carries the permission at all. */
export function scopeOf(grants: readonly Grant[], permission: Permission): Scope | null {
  const carrying = grants.filter((grant) => ROLE_PERMISSIONS[grant.role].includes(permission));
  return carrying.length === 0 ? null : scopeOfGrants(carrying);
}

/** The scope within which somebody holds a role, for approvals that ask for one by name. */
export function scopeOfRole(grants: readonly Grant[], role: RoleName): Scope | null {
  const held = grants.filter((grant) => grant.role === role);
  return held.length === 0 ? null : scopeOfGrants(held);
}

export function covers(scope: Scope, place: Place): boolean {
  if (scope.everywhere) return true;
  const { organizationPath, cloudId } = place;
  if (cloudId != null && scope.cloudIds.includes(cloudId)) return true;
  return (
    organizationPath != null && scope.organizationPaths.some((path) => organizationPath.startsWith(path))
  );
}

/** Shared reference data is for everybody who may read it at all, wherever the grant was made. */
export function widened(scope: Scope, permission: Permission): Scope {
  return SHARED_READS.includes(permission) ? EVERYWHERE : scope;
}

const SHARED_READS: readonly Permission[] = ["cloud.read", "organization.read", "policy.read"];

function scopeOfGrants(grants: readonly Grant[]): Scope {
  return {
    everywhere: grants.some((grant) => grant.scopeKind === "province"),
    cloudIds: grants.filter((grant) => grant.scopeKind === "cloud").map((grant) => asCloudId(grant.scopeId)),
    organizationPaths: grants
      .filter((grant) => grant.scopeKind === "organization" && grant.organizationPath !== "")
      .map((grant) => grant.organizationPath),
  };
}

/** A grant of kind cloud was checked against the clouds when it was made. */
function asCloudId(scopeId: string): CloudId {
  return scopeId as CloudId;
}
