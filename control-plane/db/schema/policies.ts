import { sql } from "drizzle-orm";
import { bigint, check, date, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type {
  AccountId,
  CloudId,
  DecisionId,
  ExemptionId,
  OrganizationId,
  RequestId,
} from "../../kernel/ids.ts";
import type { ExemptedResources, ExemptionCategory } from "../../policy/exemption.ts";
import type { KeptFacts } from "../../policy/explain/kept-facts.ts";
import type { PolicyDocument } from "../../policy/schema.ts";
import { generation, instant, json } from "./columns.ts";

/** One row, whose epoch grows with every change of what is in force: processes see by it that they have to read again. */
export const policyRegister = pgTable("policy_register", {
  name: text("name").primaryKey().default("register"),
  epoch: bigint("epoch", { mode: "number" }).notNull(),
});

/** Every version of every policy. A trigger keeps documents as they were activated. */
export const policyVersions = pgTable(
  "policy_versions",
  {
    id: text("id").notNull(),
    version: integer("version").notNull(),
    pack: text("pack").notNull(),
    document: json<PolicyDocument>("document").notNull(),
    contentHash: text("content_hash").notNull(),
    /** `file`: found below POLICY_DIR at a start, where another process reviews it. */
    source: text("source").$type<"file" | "api">().notNull(),
    status: text("status").$type<"draft" | "active" | "retired">().notNull(),
    /** Null for files. */
    author: text("author").$type<AccountId>(),
    approver: text("approver").$type<AccountId>(),
    createdAt: instant("created_at").notNull(),
    activatedAt: instant("activated_at"),
    /** Set with the activation of its successor, too. */
    retiredAt: instant("retired_at"),
    retiredBy: text("retired_by").$type<AccountId>(),
    reason: text("reason"),
    generation: generation(),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.version] }),
    check("policy_versions_status", sql`status IN ('draft', 'active', 'retired')`),
    check("policy_versions_activated", sql`(status = 'draft') = (activated_at IS NULL)`),
    check("policy_versions_retired", sql`(status = 'retired') = (retired_at IS NOT NULL)`),
    check(
      "policy_versions_two_persons",
      sql`status = 'draft' OR source = 'file' OR (author IS NOT NULL AND approver IS NOT NULL AND approver <> author)`,
    ),
  ],
);

/** Leave to break a rule for a time. Only an approved one is in force, until the end of its last day. */
export const policyExemptions = pgTable(
  "policy_exemptions",
  {
    id: text("id").$type<ExemptionId>().primaryKey(),
    policyIds: json<string[]>("policy_ids").notNull(),
    /** Null: all validations of the policies. */
    validations: json<string[]>("validations"),
    resources: json<ExemptedResources>("resources").notNull(),
    category: text("category").$type<ExemptionCategory>().notNull(),
    reason: text("reason").notNull(),
    compensatingMeasure: text("compensating_measure").notNull(),
    evidence: json<{ name: string; sha256?: string | undefined }[]>("evidence").notNull(),
    /** Who answers for it. */
    organizationId: text("organization_id").$type<OrganizationId>().notNull(),
    /** The one cloud that it is about. */
    cloudId: text("cloud_id").$type<CloudId>(),
    status: text("status").$type<"requested" | "approved" | "rejected" | "revoked">().notNull(),
    requestedBy: text("requested_by").$type<AccountId>().notNull(),
    requestedAt: instant("requested_at").notNull(),
    /** Who is asked to approve it, and who has where it is approved. */
    approver: text("approver").$type<AccountId>().notNull(),
    approvedAt: instant("approved_at"),
    /** The last day on which it holds, in China. */
    expiresOn: date("expires_on", { mode: "string" }).notNull(),
    /** When it was rejected or revoked. */
    endedAt: instant("ended_at"),
    endReason: text("end_reason"),
    /** The notice that was given last: so many days before the end; 0 once it is over. */
    noticedDays: integer("noticed_days"),
    generation: generation(),
  },
  (table) => [
    index("policy_exemptions_organization").on(table.organizationId, table.id),
    index("policy_exemptions_approved").on(table.expiresOn).where(sql`status = 'approved'`),
    check("policy_exemptions_status", sql`status IN ('requested', 'approved', 'rejected', 'revoked')`),
    check("policy_exemptions_two_persons", sql`approver <> requested_by`),
    check("policy_exemptions_approved_at", sql`status <> 'approved' OR approved_at IS NOT NULL`),
    check("policy_exemptions_ended_at", sql`(status IN ('rejected', 'revoked')) = (ended_at IS NOT NULL)`),
  ],
);

/** What sets of rules consisted of that somebody was judged by. Append-only. */
export const policySets = pgTable("policy_sets", {
  digest: text("digest").primaryKey(),
  versions: json<{ id: string; version: number }[]>("versions").notNull(),
  exemptionIds: json<string[]>("exemption_ids").notNull(),
});

/** Facts by their hash, each section by itself, since clouds and pools are the same for many. Append-only. */
export const policyFacts = pgTable("policy_facts", {
  hash: text("hash").primaryKey(),
  value: json<unknown>("value").notNull(),
});

/** One row for each time that a request was decided. Append-only. */
export const policyDecisions = pgTable(
  "policy_decisions",
  {
    id: text("id").$type<DecisionId>().primaryKey(),
    requestId: text("request_id").$type<RequestId>().notNull(),
    decidedAt: instant("decided_at").notNull(),
    setDigest: text("set_digest").notNull(),
    facts: json<KeptFacts>("facts").notNull(),
    /** Of everything that the rules said then. */
    verdictDigest: text("verdict_digest").notNull(),
    outcome: text("outcome").$type<"allowed" | "needs_approval" | "denied">().notNull(),
  },
  (table) => [index("policy_decisions_request").on(table.requestId, table.id)],
);
