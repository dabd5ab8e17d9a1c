import type { Scope } from "../authz/scope.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { pagesOver } from "./pages.ts";
import type { Cell, Report } from "./report.ts";
import {
  approvalsOf,
  claimsOf,
  decisionsOf,
  type ReportClaim,
  type ReportFilters,
  type ReportTenancy,
} from "./rows.ts";
import type { AllocationRow } from "./wire.ts";

/** Who holds what where, under which decision and approval, against which quota: one row per claim. */
export function allocationReport(app: App, scope: Scope, filters: ReportFilters): Report<AllocationRow> {
  const { organizationId = null, cloudId = null } = filters;
  return {
    head: {
      report: "allocations",
      generatedAt: app.clock.now().toISOString(),
      filters: { organizationId, cloudId },
    },
    pages: pagesOver(app, scope, filters, (tx, tenancies) => rowsOf(tx, tenancies, filters)),
    foot: () => ({}),
    columns: COLUMNS,
    cellsOf,
    lastRecords: () => [],
  };
}

async function rowsOf(
  tx: Tx,
  tenancies: readonly ReportTenancy[],
  { cloudId }: ReportFilters,
): Promise<AllocationRow[]> {
  const requestIds = [...new Set(tenancies.map(({ tenancy }) => tenancy.granted.requestId))];
  const byId = new Map(tenancies.map((one) => [one.tenancy.id, one]));
  const decisions = new Map((await decisionsOf(tx, requestIds)).map((decision) => [decision.id, decision]));
  const approvals = await approvalsOf(tx, requestIds);
  const claims = await claimsOf(tx, [...byId.keys()], cloudId);
  return claims.flatMap((claim) => {
    const subject = byId.get(claim.claim.tenancyId);
    if (subject === undefined) return [];
    const { requestId, planHash } = subject.tenancy.granted;
    const given = approvals.filter(
      ({ approval }) => approval.requestId === requestId && approval.planHash === planHash,
    );
    return [rowOf(subject, claim, decisions.get(requestId), given)];
  });
}

function rowOf(
  { tenancy, organization, system }: ReportTenancy,
  { claim, role, cloudZh, cloudEn, zone, architecture, nominal, used }: ReportClaim,
  decision: Awaited<ReturnType<typeof decisionsOf>>[number] | undefined,
  given: Awaited<ReturnType<typeof approvalsOf>>,
): AllocationRow {
  const { cloudId, poolId, resourceClass, amount, quotaNodeId } = claim;
  const { requestId, planHash, facts } = tenancy.granted;
  const requiring = (decision?.verdicts ?? []).filter(({ action }) => action === "require-approval");
  return {
    tenancyId: tenancy.id,
    status: tenancy.status,
    environment: tenancy.environment,
    organization: { id: organization.id, name: { zh: organization.nameZh, en: organization.nameEn } },
    system: { id: tenancy.systemId, name: system?.name ?? facts.system.name },
    resourceClass,
    amount,
    place: { cloudId, cloud: { zh: cloudZh, en: cloudEn }, poolId, zone, architecture, role },
    since: tenancy.termStart,
    until: tenancy.termEnd,
    decision: {
      requestId,
      planHash,
      outcome: decision?.outcome ?? null,
      requiringApproval: [...new Set(requiring.map(({ policyId }) => policyId))],
    },
    approvals: given.map(({ approval, account }) => ({
      accountId: approval.accountId,
      account,
      role: approval.role,
      at: approval.at.toISOString(),
    })),
    quota: { nodeId: quotaNodeId, nominal, used },
  };
}

const COLUMNS = [
  "tenancyId",
  "status",
  "environment",
  "organizationId",
  "organizationZh",
  "organizationEn",
  "systemId",
  "system",
  "resourceClass",
  "amount",
  "cloudId",
  "cloudZh",
  "cloudEn",
  "poolId",
  "zone",
  "architecture",
  "role",
  "since",
  "until",
  "requestId",
  "planHash",
  "decision",
  "requiringApproval",
  "approvals",
  "quotaNodeId",
  "quotaNominal",
  "quotaUsed",
];

function cellsOf(row: AllocationRow): readonly Cell[] {
  const { organization, system, place, decision, quota } = row;
  const approvals = row.approvals.map(
    ({ account, accountId, role, at }) => `${account ?? accountId} ${role} ${at}`,
  );
  return [
    row.tenancyId,
    row.status,
    row.environment,
    organization.id,
    organization.name.zh,
    organization.name.en,
    system.id,
    system.name,
    row.resourceClass,
    row.amount,
    place.cloudId,
    place.cloud.zh,
    place.cloud.en,
    place.poolId,
    place.zone,
    place.architecture,
    place.role,
    row.since,
    row.until,
    decision.requestId,
    decision.planHash,
    decision.outcome,
    decision.requiringApproval.join("; "),
    approvals.join("; "),
    quota.nodeId,
    quota.nominal,
    quota.used,
  ];
}
