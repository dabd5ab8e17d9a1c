import type { Ctx } from "../context.ts";
import { entriesOf } from "../kernel/quantity.ts";
import type { PresentPlacement } from "../provisioning/desired.ts";
import type { RequestRow } from "../requests/store.ts";
import type { PlacementRow, TenancyRow } from "../tenancies/store.ts";
import { groupsOf } from "./instance-groups.ts";
import { type Landing, type LandingPart, resourcesOf } from "./landing.ts";

/** The parties have yet to say that it is theirs and well: it begins with a trial, or suspended as it was found. */
export function statusOf({ parts }: Landing): "trial" | "suspended" {
  return parts.some(({ found }) => found.tenancy.state === "suspended") ? "suspended" : "trial";
}

/** What is written of a tenancy that is taken in. */
export function tenancyRow(
  ctx: Ctx,
  landing: Landing,
  request: RequestRow,
  { cloudId, found }: LandingPart,
): TenancyRow {
  const now = ctx.clock.now();
  const { tenancyId, organizationId, environment, term, origin, parts } = landing;
  const { groups } = groupsOf(found.instances);
  return {
    id: tenancyId,
    organizationId,
    systemId: request.systemId,
    cloudId,
    environment,
    status: statusOf(landing),
    granted: {
      requestId: request.id,
      planHash: "",
      approvedBy: [],
      resources: resourcesOf(parts),
      instances: groups,
      facts: request.facts,
    },
    requestId: request.id,
    changeRequestId: null,
    termStart: term.start,
    termEnd: term.end,
    confirmations: [],
    statusReason: origin,
    createdAt: now,
    updatedAt: now,
    generation: 1,
  };
}

export function placementRow(ctx: Ctx, landing: Landing, part: LandingPart): PlacementRow {
  const { placementId, role, cloudId, poolId, quotaNodeId, found } = part;
  const { tenancy, instances } = found;
  return {
    id: placementId,
    tenancyId: landing.tenancyId,
    role,
    cloudId,
    poolId,
    quotaNodeId,
    desired: wishFor(ctx, landing, part),
    desiredGeneration: 1,
    observed: { tenancy, instances },
    // What bears our mark is as it shall be; anything else gets the mark first.
    observedGeneration: landing.origin === "rebuilt" ? 1 : 0,
    observedAt: ctx.clock.now(),
    driftFields: 0,
    wipeReceipt: null,
  };
}

function wishFor(ctx: Ctx, { tenancyId, organizationId }: Landing, part: LandingPart): PresentPlacement {
  const { placementId, poolId, zone, architecture, amounts, found } = part;
  const ownership = { installation: ctx.config.INSTALLATION, tenancyId, placementId, organizationId };
  const { name, displayName, state } = found.tenancy;
  return {
    state: "present",
    found: true,
    names: groupsOf(found.instances).names,
    tenancy: {
      ownership,
      name,
      displayName,
      pool: poolId,
      zone,
      quota: Object.fromEntries(entriesOf(amounts)),
      accessGroup: organizationId,
      suspended: state === "suspended",
    },
    instances: found.instances.map((instance) => ({
      ownership,
      name: instance.name,
      vcpu: instance.vcpu,
      memoryGiB: instance.memoryGiB,
      diskGiB: instance.diskGiB,
      image: instance.image,
      architecture,
    })),
  };
}
