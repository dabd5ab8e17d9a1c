import type { RoleName } from "../authz/roles.ts";
import { covers, type Grant, type Place, scopeOfRole } from "../authz/scope.ts";
import { CONFIRMATION_PARTIES, type ConfirmationParty } from "./grant.ts";

const ROLE_OF_PARTY: Record<ConfirmationParty, RoleName> = {
  department: "department_member",
  operator: "provincial_operator",
  provider: "cloud_operator",
};

/** The parties that somebody may speak for about a tenancy at `place`. */
export function partiesOf(grants: readonly Grant[], place: Place): ConfirmationParty[] {
  return CONFIRMATION_PARTIES.filter((party) => {
    const held = scopeOfRole(grants, ROLE_OF_PARTY[party]);
    return held !== null && covers(held, place);
  });
}
