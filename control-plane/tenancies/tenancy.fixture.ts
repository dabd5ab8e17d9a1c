import { claims } from "../db/schema/quota.ts";
import { tenancyRequests } from "../db/schema/requests.ts";
import { placements, tenancies } from "../db/schema/tenancies.ts";
import type { Tx } from "../db/tx.ts";
import {
  type AccountId,
  type CloudId,
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
  type RequestId,
  type SystemId,
  systemIds,
  type TenancyId,
} from "../kernel/ids.ts";
import { DEFAULT_FACTS } from "../policy/default-facts.ts";
import type { LifeStatus } from "../requests/lifecycle.ts";
import type { Confirmation } from "./grant.ts";

interface TenancyFixture {
  readonly organization: string;
  readonly system: string;
  readonly cloud: string;
  readonly pool: string;
  readonly node: string;
  readonly status?: LifeStatus;
  readonly termEnd?: string;
  readonly confirmations?: Confirmation[];
}

export const HEALTH: TenancyFixture = {
  organization: "gd-guangzhou-health",
  system: "sys_a2",
  cloud: "guangzhou",
  pool: "guangzhou-extranet-kunpeng",
  node: "gd.guangzhou.health",
};

export const HRSS: TenancyFixture = {
  organization: "gd-hrss",
  system: "sys_a1",
  cloud: "provincial",
  pool: "provincial-extranet-kunpeng",
  node: "gd.provincial.hrss",
};

export const PLAN_HASH = `sha256:${"a".repeat(64)}`;

export interface GrantedTenancy {
  readonly tenancyId: TenancyId;
  readonly requestId: RequestId;
}

/** A tenancy of the small province that runs as desired, with its request, its placement and its claims. */
export async function grantTenancy(tx: Tx, given: TenancyFixture): Promise<GrantedTenancy> {
  const tenancyId = systemIds.next("ten");
  const requestId = systemIds.next("req");
  const placementId = systemIds.next("plc");
  const at = new Date("2026-11-01T02:00:00.000Z");
  const organizationId = knownId<OrganizationId>(given.organization);
  const systemId = knownId<SystemId>(given.system);
  const cloudId = knownId<CloudId>(given.cloud);
  const poolId = knownId<PoolId>(given.pool);
  const quotaNodeId = knownId<QuotaNodeId>(given.node);
  const status = given.status ?? "in_service";
  const facts = DEFAULT_FACTS.request;
  const request = {
    id: requestId,
    kind: "create" as const,
    organizationId,
    systemId,
    cloudId,
    status,
    facts,
  };
  await tx.insert(tenancyRequests).values({
    ...request,
    submittedBy: knownId<AccountId>("acc_0"),
    body: { kind: "release", tenancyId, dataExport: "done" } as never,
    decision: {
      outcome: "needs_approval",
      violations: [],
      approvers: [],
      decidedAt: at.toISOString(),
      policyDigest: "",
    },
    plan: {
      verdicts: [
        { policyId: "preapproved-size", policyVersion: 1, action: "require-approval" },
        { policyId: "level-separation", policyVersion: 1, action: "warn" },
      ],
    } as never,
    planHash: PLAN_HASH,
    tenancyId,
    createdAt: at,
    updatedAt: at,
  });
  await tx.insert(tenancies).values({
    id: tenancyId,
    organizationId,
    systemId,
    cloudId,
    environment: "production",
    status,
    granted: {
      requestId,
      planHash: PLAN_HASH,
      approvedBy: [],
      resources: { VCPU: 64, MEMORY_GIB: 256 },
      instances: facts.instances,
      facts,
    },
    requestId,
    termStart: "2026-11-01",
    termEnd: given.termEnd ?? "2027-10-31",
    confirmations: given.confirmations ?? [],
    createdAt: at,
    updatedAt: at,
  });
  const ownership = { installation: "yunheng", tenancyId, placementId, organizationId };
  const spec = {
    ownership,
    name: placementId.replace("_", "-"),
    displayName: facts.system.name,
    pool: poolId,
    zone: "extranet" as const,
    quota: { VCPU: 64, MEMORY_GIB: 256 },
    accessGroup: organizationId,
    suspended: false,
  };
  const instance = { name: "app-1", vcpu: 8, memoryGiB: 32, diskGiB: 200, image: "kylin-v10-sp3" };
  await tx.insert(placements).values({
    id: placementId,
    tenancyId,
    role: "primary",
    cloudId,
    poolId,
    quotaNodeId,
    desired: {
      state: "present",
      tenancy: spec,
      instances: [{ ...instance, ownership, architecture: "kunpeng" }],
    },
    observed: {
      tenancy: { ...spec, ref: "project-1", state: "active", isolated: true, message: null },
      instances: [
        { ...instance, ref: "vm-1", tenancyRef: "project-1", ownership, state: "active", message: null },
      ],
    },
    observedGeneration: 1,
    observedAt: at,
  });
  const claim = { placementId, tenancyId, cloudId, poolId, quotaNodeId };
  await tx.insert(claims).values([
    { ...claim, resourceClass: "VCPU", amount: 64 },
    { ...claim, resourceClass: "MEMORY_GIB", amount: 256 },
  ]);
  return { tenancyId, requestId };
}
