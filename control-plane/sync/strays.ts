import type { ObservedTenancy } from "../../providers/port.ts";
import type { Found } from "../findings/finding.ts";

/**
 * What a cloud shows and no record explains. Objects of other installations are theirs.
 * @param living names at the cloud of placements whose tenancies live, or ended only after the look began
 */
export function straysIn(
  tenancies: readonly ObservedTenancy[],
  living: ReadonlySet<string>,
  installation: string,
): Found[] {
  return tenancies.flatMap((tenancy): Found[] => {
    const { name, ownership } = tenancy;
    // Also where it bears no mark: it is about to get one, or has lost it, which is drift.
    if (living.has(name)) return [];
    if (ownership === null) return [{ kind: "unmanaged", subject: name, details: detailsOf(tenancy) }];
    if (ownership.installation !== installation) return [];
    return [{ kind: "orphan", subject: name, details: detailsOf(tenancy) }];
  });
}

function detailsOf({ ref, displayName, state, pool, quota, ownership }: ObservedTenancy): Found["details"] {
  return {
    ref,
    displayName,
    state,
    pool,
    quota,
    tenancyId: ownership?.tenancyId ?? null,
    organizationId: ownership?.organizationId ?? null,
  };
}
