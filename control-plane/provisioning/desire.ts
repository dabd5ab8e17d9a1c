import type { InstanceSpec, Ownership, TenancySpec } from "../../providers/port.ts";
import type { OrganizationId, PlacementId, TenancyId } from "../kernel/ids.ts";
import { entriesOf } from "../kernel/quantity.ts";
import type { PlannedPart } from "../requests/plan.ts";
import type { InstanceGroup } from "../requests/wire-body.ts";
import { type DesiredPlacement, nameIn, type PresentPlacement } from "./desired.ts";

interface Wish {
  readonly installation: string;
  readonly organizationId: OrganizationId;
  readonly tenancyId: TenancyId;
  readonly placementId: PlacementId;
  readonly displayName: string;
  readonly part: PlannedPart;
  readonly instances: readonly InstanceGroup[];
  readonly suspended: boolean;
  /** What the placement was until now: its names stay. */
  readonly before?: DesiredPlacement;
}

/** What a part of an approved plan means for its cloud. Instances run in the primary part only. */
export function desire(wish: Wish): DesiredPlacement {
  const { installation, organizationId, tenancyId, placementId, part } = wish;
  const ownership: Ownership = { installation, organizationId, tenancyId, placementId };
  const tenancy: TenancySpec = {
    ownership,
    name: wish.before === undefined ? nameAtCloud(placementId) : nameIn(wish.before),
    displayName: wish.displayName,
    pool: part.poolId,
    zone: part.zone,
    quota: Object.fromEntries(entriesOf(part.amounts)),
    accessGroup: organizationId,
    suspended: wish.suspended,
  };
  const groups = part.role === "primary" ? wish.instances : [];
  const names = wish.before?.state === "present" ? wish.before.names : undefined;
  const instances = instancesOf(groups, names ?? {}, ownership, part.architecture);
  return { state: "present", tenancy, instances, ...(names === undefined ? {} : { names }) };
}

/** Clouds take at most 63 characters of `[a-z0-9-]`. */
function nameAtCloud(placementId: PlacementId): string {
  return placementId.replace("_", "-");
}

/** `app` times 3 is app-1, app-2 and app-3: removing one from the count removes the last. */
function instancesOf(
  groups: readonly InstanceGroup[],
  names: NonNullable<PresentPlacement["names"]>,
  ownership: Ownership,
  architecture: string,
): InstanceSpec[] {
  return groups.flatMap(({ name, count, vcpu, memoryGiB, diskGiB, image }) =>
    Array.from({ length: count }, (_, index) => ({
      ownership,
      name: names[name]?.[index] ?? `${name}-${index + 1}`,
      vcpu,
      memoryGiB,
      diskGiB,
      image,
      architecture,
    })),
  );
}
