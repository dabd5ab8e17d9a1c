import { ROLE_NAMES } from "../authz/roles.ts";
import { covers, type Place, scopeOfRole } from "../authz/scope.ts";
import type { Actor } from "../context.ts";
import type { RequiredApprover } from "./plan.ts";

/** `approver/cloud`: how an approval row names the requirement it meets. */
export function requirementKey({ role, scope }: RequiredApprover): string {
  return `${role}/${scope}`;
}

/** Which of the required approvals this person may give for a plan that lands at `place`. */
export function requirementsMetBy(
  actor: Actor,
  required: readonly RequiredApprover[],
  place: Place,
): RequiredApprover[] {
  return required.filter(({ role, scope }) => {
    const known = ROLE_NAMES.find((name) => name === role);
    const held = known === undefined ? null : scopeOfRole(actor.grants, known);
    if (held === null) return false;
    switch (scope) {
      case "province":
        return held.everywhere;
      case "cloud":
        return covers(held, { cloudId: place.cloudId ?? null });
      default:
        return covers(held, { organizationPath: place.organizationPath ?? null });
    }
  });
}

/** What is still missing when these requirements are met. */
export function outstanding(
  required: readonly RequiredApprover[],
  met: ReadonlySet<string>,
): RequiredApprover[] {
  return required.filter((one) => !met.has(requirementKey(one)));
}
