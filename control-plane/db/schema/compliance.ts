import { sql } from "drizzle-orm";
import {
  bigserial,
  check,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
} from "drizzle-orm/pg-core";
import type { Control } from "../../compliance/control.ts";
import type { FindingStatus } from "../../compliance/lifecycle.ts";
import type { Resource } from "../../compliance/resource.ts";
import type { Counts } from "../../compliance/tally.ts";
import type { Shortfall, Verdict } from "../../compliance/verdict.ts";
import type {
  AccountId,
  AssessmentId,
  CloudId,
  ComplianceFindingId,
  EvidenceId,
  OrganizationId,
} from "../../kernel/ids.ts";
import type { Severity } from "../../policy/schema.ts";
import { bytes, generation, instant, json } from "./columns.ts";

/** One look at everything, or at what has changed since the one before; a trigger freezes it once it has succeeded. */
export const assessments = pgTable(
  "assessments",
  {
    id: text("id").$type<AssessmentId>().primaryKey(),
    trigger: text("trigger").$type<"schedule" | "demand" | "change">().notNull(),
    status: text("status").$type<"pending" | "running" | "succeeded" | "failed">().notNull(),
    requestedBy: text("requested_by").$type<AccountId>(),
    reason: text("reason"),
    /** Null: everything. Otherwise the units that this run replaces in the one that it is based on. */
    units: json<string[]>("units"),
    baseId: text("base_id").$type<AssessmentId>(),
    /** The day in China that the rules were asked on. */
    day: date("day", { mode: "string" }),
    policyDigest: text("policy_digest"),
    /** The rules in the words and versions that were applied. */
    controls: json<Control[]>("controls"),
    resources: integer("resources").notNull().default(0),
    results: integer("results").notNull().default(0),
    counts: json<Counts>("counts"),
    inputDigest: text("input_digest"),
    resultsDigest: text("results_digest"),
    /** Whole per cent. */
    progress: integer("progress").notNull().default(0),
    problem: text("problem"),
    createdAt: instant("created_at").notNull(),
    startedAt: instant("started_at"),
    completedAt: instant("completed_at"),
    /** Whoever works on it says so again and again; a run that nobody has spoken for is begun anew. */
    leaseUntil: instant("lease_until"),
  },
  (table) => [
    index("assessments_completed").on(table.completedAt).where(sql`status = 'succeeded'`),
    index("assessments_open").on(table.id).where(sql`status IN ('pending', 'running')`),
    check("assessments_status", sql`status IN ('pending', 'running', 'succeeded', 'failed')`),
    check(
      "assessments_whole",
      sql`status <> 'succeeded' OR (results_digest IS NOT NULL AND completed_at IS NOT NULL)`,
    ),
  ],
);

/** Results of some units: packed JSON, see `chunk.ts`. */
export const assessmentChunks = pgTable(
  "assessment_chunks",
  {
    assessmentId: text("assessment_id")
      .$type<AssessmentId>()
      .notNull()
      .references(() => assessments.id),
    no: integer("no").notNull(),
    body: bytes("body").notNull(),
  },
  (table) => [primaryKey({ columns: [table.assessmentId, table.no] })],
);

/** Counts of a whole run by framework, cloud and organization, "" for all: what trends are drawn from. */
export const complianceScores = pgTable(
  "compliance_scores",
  {
    assessmentId: text("assessment_id")
      .$type<AssessmentId>()
      .notNull()
      .references(() => assessments.id),
    framework: text("framework").notNull(),
    cloudId: text("cloud_id").notNull(),
    organizationId: text("organization_id").notNull(),
    /** Null where no organization, or all, are meant. */
    organizationPath: text("organization_path"),
    at: instant("at").notNull(),
    counts: json<Counts>("counts").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.assessmentId, table.framework, table.cloudId, table.organizationId] }),
    index("compliance_scores_series").on(table.framework, table.cloudId, table.organizationId, table.at),
  ],
);

/** One control that one resource does not keep, from the first time on; it is opened again, never made twice. */
export const complianceFindings = pgTable(
  "compliance_findings",
  {
    id: text("id").$type<ComplianceFindingId>().primaryKey(),
    resourceKey: text("resource_key").notNull(),
    controlId: text("control_id").notNull(),
    framework: text("framework").notNull(),
    rule: text("rule").notNull(),
    unit: text("unit").notNull(),
    resource: json<Resource>("resource").notNull(),
    organizationId: text("organization_id").$type<OrganizationId>(),
    cloudId: text("cloud_id").$type<CloudId>(),
    severity: text("severity").$type<Severity>().notNull(),
    verdict: text("verdict").$type<Verdict>().notNull(),
    shortfalls: json<Shortfall[]>("shortfalls").notNull(),
    status: text("status").$type<FindingStatus>().notNull(),
    /** `organization:…` or `cloud:…`. */
    owner: text("owner").notNull(),
    /** Who has taken it on, in words. */
    assignee: text("assignee"),
    dueOn: date("due_on", { mode: "string" }).notNull(),
    exemptionId: text("exemption_id"),
    firstSeenAt: instant("first_seen_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    resolvedAt: instant("resolved_at"),
    generation: generation(),
  },
  (table) => [
    unique("compliance_findings_subject").on(table.resourceKey, table.controlId),
    index("compliance_findings_unit").on(table.unit),
    index("compliance_findings_cloud").on(table.cloudId, table.id),
    index("compliance_findings_organization").on(table.organizationId, table.id),
    index("compliance_findings_due").on(table.dueOn).where(sql`status NOT IN ('resolved', 'exempted')`),
    check(
      "compliance_findings_status",
      sql`status IN ('open', 'acknowledged', 'in_remediation', 'resolved', 'exempted', 'reopened')`,
    ),
  ],
);

/** Append-only: what a finding was at any time. */
export const complianceFindingEvents = pgTable(
  "compliance_finding_events",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    findingId: text("finding_id").$type<ComplianceFindingId>().notNull(),
    at: instant("at").notNull(),
    status: text("status").$type<FindingStatus>().notNull(),
    assignee: text("assignee"),
    dueOn: date("due_on", { mode: "string" }).notNull(),
    by: text("by").notNull(),
    reason: text("reason"),
  },
  (table) => [index("compliance_finding_events_finding").on(table.findingId, table.at)],
);

/** What shows that an attested control is kept; the file itself is beside it, so that lists stay small. */
export const complianceEvidence = pgTable(
  "compliance_evidence",
  {
    id: text("id").$type<EvidenceId>().primaryKey(),
    controlId: text("control_id").notNull(),
    coverageKind: text("coverage_kind").$type<"province" | "cloud" | "organization" | "system">().notNull(),
    /** "" for the province. */
    coverageId: text("coverage_id").notNull(),
    cloudId: text("cloud_id").$type<CloudId>(),
    organizationId: text("organization_id").$type<OrganizationId>(),
    fileName: text("file_name").notNull(),
    mediaType: text("media_type").notNull(),
    bytes: integer("bytes").notNull(),
    sha256: text("sha256").notNull(),
    note: text("note"),
    validFrom: date("valid_from", { mode: "string" }).notNull(),
    validUntil: date("valid_until", { mode: "string" }).notNull(),
    uploadedBy: text("uploaded_by").$type<AccountId>(),
    uploadedByName: text("uploaded_by_name").notNull(),
    uploadedAt: instant("uploaded_at").notNull(),
    withdrawnAt: instant("withdrawn_at"),
    withdrawnBy: text("withdrawn_by"),
    withdrawnReason: text("withdrawn_reason"),
    generation: generation(),
  },
  (table) => [
    index("compliance_evidence_control").on(table.controlId, table.validUntil),
    check("compliance_evidence_days", sql`valid_from <= valid_until`),
    check("compliance_evidence_coverage", sql`(coverage_kind = 'province') = (coverage_id = '')`),
  ],
);

export const complianceEvidenceFiles = pgTable("compliance_evidence_files", {
  evidenceId: text("evidence_id")
    .$type<EvidenceId>()
    .primaryKey()
    .references(() => complianceEvidence.id),
  content: bytes("content").notNull(),
});

/** How far the outbox has been read for what is to be assessed again; one row. */
export const complianceFollow = pgTable("compliance_follow", {
  name: text("name").primaryKey().default("follow"),
  position: text("position").notNull(),
});
