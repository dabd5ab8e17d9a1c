import { z } from "@hono/zod-openapi";
import { pageQuery, pageSchema } from "../http/page.ts";
import { line, madeId, slug, text } from "../kernel/input.ts";
import { AppliedExemption } from "../policy/wire.ts";
import { LIFE_STATUSES } from "./lifecycle.ts";
import type { ApprovalRow, HoldRow, RequestRow } from "./store.ts";

const Amounts = z.record(z.string(), z.int()).openapi("Amounts");

const ViolationView = z
  .object({
    policyId: z.string(),
    policyVersion: z.int(),
    ruleId: z.string(),
    severity: z.enum(["deny", "require-approval", "warn", "audit"]),
    basis: z.array(
      z.object({ standard: z.string(), clause: z.string().optional(), note: z.string().optional() }),
    ),
    message: text,
    actual: z.unknown(),
    required: z.unknown(),
    exemption: AppliedExemption.optional().describe("What excuses it: then nothing follows from it"),
  })
  .openapi("Violation");

const RequiredApproverView = z.object({
  role: z.string(),
  scope: z.enum(["province", "cloud", "organization"]),
});

const DecisionView = z
  .object({
    outcome: z.enum(["allowed", "needs_approval", "denied"]),
    violations: z.array(ViolationView),
    approvers: z.array(RequiredApproverView),
    decidedAt: z.iso.datetime(),
    policyDigest: z.string(),
  })
  .openapi("Decision");

const PartView = z.object({
  role: z.enum(["primary", "edge", "recovery"]),
  cloudId: z.string(),
  poolId: z.string(),
  quotaNodeId: z.string(),
  zone: z.string(),
  architecture: z.string(),
  amounts: Amounts,
});

const CandidateView = z
  .object({
    cloudId: z.string(),
    score: z.number(),
    scores: z.record(z.string(), z.number()),
    parts: z.array(PartView),
  })
  .openapi("Candidate");

const RefusalView = z
  .object({
    cloudId: z.string(),
    poolId: z.string().nullable(),
    role: z.string(),
    code: z.string(),
    dimension: z.string().nullable(),
    limit: z.number().nullable(),
    used: z.number().nullable(),
    held: z.number().nullable(),
    borrowed: z.number().nullable().describe("Quota: what the node uses above its own"),
    missing: z.number().nullable(),
    fitting: z.number().nullable().describe("The smallest change that fits this limit: so much instead"),
    commitmentId: z.string().nullable().describe("The commitment in the way"),
    from: z.string().nullable().describe("The day from which the commitment is in the way"),
    policyId: z.string().nullable(),
    ruleId: z.string().nullable(),
    level: z.string().nullable(),
    nodeId: z.string().nullable(),
    actual: z.unknown(),
    required: z.unknown(),
    message: text,
  })
  .openapi("Refusal");

const PlacementView = z
  .object({
    chosen: CandidateView.nullable(),
    candidates: z.array(CandidateView),
    candidateCount: z.int(),
    refusals: z.array(RefusalView),
    smallestChange: z.object({ options: z.array(z.unknown()), message: text }).nullable(),
  })
  .openapi("Placement");

const PlanView = z
  .object({
    kind: z.string(),
    organizationId: z.string(),
    tenancyId: z.string().nullable(),
    system: z.object({ name: z.string(), mlpsLevel: z.int(), dataClass: z.string() }),
    environment: z.string(),
    parts: z.array(PartView.extend({ before: Amounts })),
    instances: z.array(z.unknown()),
    resources: Amounts,
    term: z.object({ start: z.string(), end: z.string() }),
    outcome: z.enum(["allowed", "needs_approval"]),
    policyDigest: z.string(),
    verdicts: z.array(z.object({ policyId: z.string(), policyVersion: z.int(), action: z.string() })),
    approvers: z.array(RequiredApproverView),
    price: z.object({
      currency: z.literal("CNY"),
      priceListId: z.string().nullable(),
      monthlyFen: z.int(),
      items: z.array(z.unknown()),
    }),
    dataExport: z.enum(["done", "not_needed"]).nullable(),
  })
  .openapi("Plan");

const ApprovalView = z.object({
  accountId: z.string(),
  role: z.string(),
  planHash: z.string(),
  comment: z.string().nullable(),
  at: z.iso.datetime(),
});

const HoldView = z
  .object({
    id: z.string(),
    parts: z.array(
      z.object({
        role: z.enum(["primary", "edge", "recovery"]),
        cloudId: z.string(),
        poolId: z.string(),
        quotaNodeId: z.string(),
        amounts: Amounts,
        until: z.iso.date().optional().describe("The first day on which it will count no more"),
      }),
    ),
    expiresAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
  })
  .openapi("Hold");

export const RequestView = z
  .object({
    id: z.string().nullable().openapi({ description: "null for a dry run" }),
    kind: z.enum(["create", "resize", "renew", "release"]),
    status: z.enum(LIFE_STATUSES),
    organizationId: z.string(),
    systemId: z.string().nullable(),
    submittedBy: z.string().nullable(),
    reason: z.string().nullable(),
    decision: DecisionView,
    placement: PlacementView,
    plan: PlanView.nullable(),
    planHash: z.string().nullable(),
    approvals: z.array(ApprovalView),
    holdExpiresAt: z.iso.datetime().nullable(),
    hold: HoldView.nullable().describe("What the request holds while it waits: id, amounts, expiry"),
    tenancyId: z.string().nullable(),
    operationId: z.string().nullable(),
    dueAt: z.iso.datetime().nullable(),
    overdue: z.boolean(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    generation: z.int(),
    links: z.record(z.string(), z.string()),
  })
  .openapi("TenancyRequest");
export type RequestView = z.infer<typeof RequestView>;

/** Lists leave out what is long: the body, the candidates and the refusals. */
const RequestSummary = RequestView.omit({
  placement: true,
  plan: true,
  approvals: true,
  holdExpiresAt: true,
  hold: true,
}).openapi("TenancyRequestSummary");
export const RequestPage = pageSchema(RequestSummary).openapi("TenancyRequestPage");

export const ListRequests = z.strictObject({
  ...pageQuery,
  status: z.enum(LIFE_STATUSES).optional(),
  kind: z.enum(["create", "resize", "renew", "release"]).optional(),
  organizationId: slug.optional(),
  tenancyId: madeId.optional(),
  overdue: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional(),
});

export const OneRequest = z.strictObject({ id: madeId });

const ifMatch = { ifMatch: z.int().optional() };
export const StepBody = z.strictObject({ opinion: line(1000).optional() });
export const StepRequest = z.strictObject({ id: madeId, opinion: line(1000).optional(), ...ifMatch });
export const ReasonBody = z.strictObject({ reason: line(1000) });
export const RefuseRequest = z.strictObject({ id: madeId, reason: line(1000), ...ifMatch });
/** Whoever takes back a request of one's own owes nobody a reason. */
export const WithdrawBody = z.strictObject({ reason: line(1000).optional() });
export const WithdrawRequest = z.strictObject({ id: madeId, ...WithdrawBody.shape, ...ifMatch });
export const ApproveBody = z.strictObject({
  planHash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  comment: line(1000).optional(),
});
export const ApproveRequest = z.strictObject({ id: madeId, ...ApproveBody.shape, ...ifMatch });

type HoldFigures = Pick<HoldRow, "id" | "parts" | "expiresAt" | "createdAt">;

interface ViewExtras {
  readonly approvals: readonly ApprovalRow[];
  /** While it is active. */
  readonly hold: HoldFigures | null;
}

export function requestView(row: RequestRow, extras: ViewExtras, now: Date) {
  return {
    ...requestSummary(row, now),
    holdExpiresAt: extras.hold?.expiresAt.toISOString() ?? null,
    hold: extras.hold === null ? null : holdView(extras.hold),
    placement: row.placement,
    plan: row.plan,
    approvals: extras.approvals.map(({ accountId, role, planHash, comment, at }) => ({
      accountId,
      role,
      planHash,
      comment,
      at: at.toISOString(),
    })),
  };
}

function holdView({ id, parts, expiresAt, createdAt }: HoldFigures) {
  return { id, parts, expiresAt: expiresAt.toISOString(), createdAt: createdAt.toISOString() };
}

export function requestSummary(row: RequestRow, now: Date) {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    organizationId: row.organizationId,
    systemId: row.systemId,
    submittedBy: row.submittedBy,
    reason: row.reason,
    decision: row.decision,
    planHash: row.planHash,
    tenancyId: row.tenancyId,
    operationId: row.operationId,
    dueAt: row.dueAt?.toISOString() ?? null,
    overdue: row.dueAt !== null && row.dueAt < now,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    generation: row.generation,
    links: linksOf(row),
  };
}

function linksOf(row: RequestRow): Record<string, string> {
  return {
    self: `/api/v1/tenancy-requests/${row.id}`,
    ...(row.tenancyId ? { tenancy: `/api/v1/tenancies/${row.tenancyId}` } : {}),
    ...(row.operationId ? { operation: `/api/v1/operations/${row.operationId}` } : {}),
  };
}
