import { z } from "@hono/zod-openapi";
import { pageQuery, pageSchema } from "../http/page.ts";
import { line, madeId, slug, text } from "../kernel/input.ts";
import type { AssessmentRow } from "./assessment-rows.ts";
import type { ComplianceFindingRow, FindingEventRow } from "./finding-rows.ts";
import { FINDING_STATUSES } from "./lifecycle.ts";
import { VERDICTS } from "./verdict.ts";

export const Severity = z.enum(["high", "medium", "low"]);
export const CountsWire = z
  .object({
    pass: z.int(),
    partial: z.int(),
    fail: z.int(),
    not_applicable: z.int(),
    insufficient_evidence: z.int(),
    exempted: z.int(),
  })
  .openapi("ComplianceCounts");

export const Assessment = z
  .object({
    id: z.string(),
    trigger: z.enum(["schedule", "demand", "change"]),
    status: z.enum(["pending", "running", "succeeded", "failed"]),
    reason: z.string().nullable(),
    units: z.int().nullable().describe("How many units were looked at again; null: everything"),
    baseId: z.string().nullable(),
    day: z.iso.date().nullable(),
    policyDigest: z.string().nullable(),
    resources: z.int().nullable().describe("Null for callers who do not see the whole province"),
    results: z.int().nullable(),
    counts: CountsWire.nullable(),
    inputDigest: z.string().nullable(),
    resultsDigest: z.string().nullable(),
    progress: z.int().describe("Per cent"),
    problem: z.string().nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    completedAt: z.iso.datetime().nullable(),
  })
  .openapi("Assessment");
export type Assessment = z.infer<typeof Assessment>;
export const AssessmentPage = pageSchema(Assessment).openapi("AssessmentPage");

export const StartAssessmentBody = z.strictObject({ reason: line(500) });
export const ListAssessments = z.strictObject({ ...pageQuery });
export const OneAssessment = z.strictObject({ id: madeId });

/** Figures of the whole province are for those who see all of it. */
export function assessmentView(row: AssessmentRow, whole: boolean): Assessment {
  const { id, trigger, status, reason, baseId, day, policyDigest, inputDigest, resultsDigest, progress } =
    row;
  return {
    id,
    trigger,
    status,
    reason,
    units: row.units?.length ?? null,
    baseId,
    day,
    policyDigest,
    resources: whole ? row.resources : null,
    results: whole ? row.results : null,
    counts: whole ? row.counts : null,
    inputDigest,
    resultsDigest,
    progress,
    problem: row.problem,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    completedAt: row.completedAt?.toISOString() ?? null,
  };
}

export const ComplianceFinding = z
  .object({
    id: z.string(),
    resource: z.object({ key: z.string(), kind: z.string(), name: z.string(), unit: z.string() }),
    controlId: z.string(),
    framework: z.string(),
    rule: z.string(),
    organizationId: z.string().nullable(),
    cloudId: z.string().nullable(),
    systemId: z.string().nullable(),
    severity: Severity,
    verdict: z.enum(VERDICTS),
    shortfalls: z.array(
      z.object({
        validationId: z.string().nullable(),
        message: text,
        actual: z.unknown(),
        required: z.unknown(),
        error: z.string().nullable(),
      }),
    ),
    status: z.enum(FINDING_STATUSES),
    owner: z.string().describe("organization:ID or cloud:ID"),
    assignee: z.string().nullable(),
    dueOn: z.iso.date(),
    exemptionId: z.string().nullable(),
    firstSeenAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    resolvedAt: z.iso.datetime().nullable(),
    generation: z.int(),
  })
  .openapi("ComplianceFinding");
export type ComplianceFinding = z.infer<typeof ComplianceFinding>;
export const ComplianceFindingPage = pageSchema(ComplianceFinding).openapi("ComplianceFindingPage");

export const FindingWithHistory = ComplianceFinding.extend({
  history: z.array(
    z.object({
      at: z.iso.datetime(),
      status: z.enum(FINDING_STATUSES),
      by: z.string(),
      reason: z.string().nullable(),
      assignee: z.string().nullable(),
      dueOn: z.iso.date(),
    }),
  ),
}).openapi("ComplianceFindingWithHistory");

export const ListFindings = z.strictObject({
  ...pageQuery,
  status: z.enum(FINDING_STATUSES).optional(),
  framework: slug.optional(),
  severity: Severity.optional(),
  cloudId: slug.optional(),
  controlId: slug.optional(),
  overdue: z.enum(["true"]).optional().describe("Only what is pending behind its due date"),
});

export const OneFinding = z.strictObject({ id: madeId });
export const StepBody = z.strictObject({
  reason: line(500),
  assignee: line(100).optional().describe("Who takes it on"),
});
export const TakeStep = z.strictObject({ ...StepBody.shape, id: madeId, ifMatch: z.int().optional() });

export function findingView(row: ComplianceFindingRow): ComplianceFinding {
  const { resource, shortfalls, resourceKey: _, unit: __, ...rest } = row;
  const { key, kind, name, unit, systemId } = resource;
  return {
    ...rest,
    resource: { key, kind, name, unit },
    systemId,
    shortfalls: shortfalls.map((one) => ({ ...one })),
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  };
}

export function historyView(events: readonly FindingEventRow[]) {
  return events.map(({ at, status, by, reason, assignee, dueOn }) => ({
    at: at.toISOString(),
    status,
    by,
    reason,
    assignee,
    dueOn,
  }));
}
