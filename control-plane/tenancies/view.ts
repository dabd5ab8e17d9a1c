import type { Tx } from "../db/tx.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { entriesOf } from "../kernel/quantity.ts";
import { driftOf } from "../provisioning/drift.ts";
import { claimedBy, type PlacementRow, placementsOf, type TenancyRow } from "./store.ts";
import type { PlacementView, Tenancy, TenancySummary } from "./wire.ts";

/** A tenancy with its placements: what is wished for beside what the clouds show. */
export async function tenancyView(tx: Tx, row: TenancyRow): Promise<Tenancy> {
  const claimed = await claimedBy(tx, row.id);
  const placements = await placementsOf(tx, row.id);
  return {
    ...tenancySummary(row),
    placements: placements.map((placement) => placementView(placement, claimed.get(placement.id) ?? {})),
  };
}

export function tenancySummary(row: TenancyRow): TenancySummary {
  const { requestId, planHash, approvedBy, resources, instances } = row.granted;
  return {
    id: row.id,
    organizationId: row.organizationId,
    systemId: row.systemId,
    cloudId: row.cloudId,
    environment: row.environment,
    status: row.status,
    statusReason: row.statusReason,
    term: { start: row.termStart, end: row.termEnd },
    granted: {
      requestId,
      planHash,
      approvedBy: [...approvedBy],
      resources: amountsOf(resources),
      instances: [...instances],
    },
    confirmations: row.confirmations.map((confirmation) => ({ ...confirmation })),
    requestId: row.requestId,
    changeRequestId: row.changeRequestId,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    generation: row.generation,
    links: linksOf(row),
  };
}

/** Field by field: what an adapter reports beyond this stays inside. */
function placementView(row: PlacementRow, claimed: ResourceVector): PlacementView {
  const { desired, observed } = row;
  const isPresent = desired.state === "present";
  return {
    id: row.id,
    role: row.role,
    cloudId: row.cloudId,
    poolId: row.poolId,
    quotaNodeId: row.quotaNodeId,
    claimed: amountsOf(claimed),
    desired: {
      state: desired.state,
      suspended: isPresent && desired.tenancy.suspended,
      instances: isPresent ? desired.instances.length : 0,
    },
    desiredGeneration: row.desiredGeneration,
    observedGeneration: row.observedGeneration,
    observedAt: row.observedAt?.toISOString() ?? null,
    observed: observed?.tenancy ? observedView(observed.tenancy) : null,
    instances: (observed?.instances ?? []).map((instance) => ({
      name: instance.name,
      state: instance.state,
      vcpu: instance.vcpu,
      memoryGiB: instance.memoryGiB,
      diskGiB: instance.diskGiB,
      image: instance.image,
      message: instance.message,
      foreign: instance.ownership === null,
    })),
    // Before it has been reached once, a difference is work in progress.
    drift: row.observedGeneration >= row.desiredGeneration ? driftOf(desired, observed) : [],
    wipeReceipt: row.wipeReceipt,
  };
}

type ObservedTenancy = NonNullable<NonNullable<PlacementRow["observed"]>["tenancy"]>;

function observedView({ state, ref, quota, isolated, message }: ObservedTenancy) {
  return { state, ref, quota: { ...quota }, isolated, message };
}

function amountsOf(vector: ResourceVector): Record<string, number> {
  return Object.fromEntries(entriesOf(vector));
}

function linksOf({ id, requestId, changeRequestId, cloudId }: TenancyRow): Record<string, string> {
  return {
    self: `/api/v1/tenancies/${id}`,
    request: `/api/v1/tenancy-requests/${requestId}`,
    ...(changeRequestId === null ? {} : { change: `/api/v1/tenancy-requests/${changeRequestId}` }),
    operations: `/api/v1/operations?tenancyId=${id}`,
    cloud: `/api/v1/clouds/${cloudId}`,
  };
}
