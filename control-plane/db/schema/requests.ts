import { sql } from "drizzle-orm";
import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type {
  AccountId,
  CloudId,
  HoldId,
  OperationId,
  OrganizationId,
  RequestId,
  SystemId,
  TenancyId,
} from "../../kernel/ids.ts";
import type { RequestFacts } from "../../policy/facts.ts";
import type { Decision, KeptPlacement } from "../../requests/decision.ts";
import type { LifeStatus } from "../../requests/lifecycle.ts";
import type { Plan } from "../../requests/plan.ts";
import type { TenancyRequestBody } from "../../requests/wire-body.ts";
import { generation, instant, json } from "./columns.ts";
import { organizations } from "./organizations.ts";

export const tenancyRequests = pgTable(
  "tenancy_requests",
  {
    id: text("id").$type<RequestId>().primaryKey(),
    kind: text("kind").$type<"create" | "resize" | "renew" | "release">().notNull(),
    organizationId: text("organization_id")
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id),
    systemId: text("system_id").$type<SystemId>().notNull(),
    /** Cloud of the chosen placement: lets an approver's scope be one cloud. */
    cloudId: text("cloud_id").$type<CloudId>(),
    submittedBy: text("submitted_by").$type<AccountId>().notNull(),
    body: json<TenancyRequestBody>("body").notNull(),
    status: text("status").$type<LifeStatus>().notNull(),
    reason: text("reason"),
    decision: json<Decision>("decision").notNull(),
    /** Candidates and refusals as they were when the decision was made. */
    placement: json<KeptPlacement>("placement"),
    facts: json<RequestFacts>("facts").notNull(),
    plan: json<Plan>("plan"),
    planHash: text("plan_hash"),
    holdId: text("hold_id").$type<HoldId>(),
    tenancyId: text("tenancy_id").$type<TenancyId>(),
    operationId: text("operation_id").$type<OperationId>(),
    /** End of the clock of the present step; null where the step has none. */
    dueAt: instant("due_at"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
    generation: generation(),
  },
  (table) => [
    index("requests_organization").on(table.organizationId, table.id),
    index("requests_status").on(table.status, table.id),
    index("requests_tenancy").on(table.tenancyId),
    index("requests_cloud").on(table.cloudId, table.id),
    index("requests_kind").on(table.kind, table.id),
    index("requests_due").on(table.dueAt).where(sql`due_at IS NOT NULL`),
    // Few are undecided, so an equal one among them is found at once however many an organization has had.
    index("requests_undecided")
      .on(table.organizationId)
      .where(sql`status IN ('submitted', 'accepted', 'reviewed')`),
  ],
);

/** One person's yes to one plan hash. */
export const approvals = pgTable(
  "approvals",
  {
    requestId: text("request_id")
      .$type<RequestId>()
      .notNull()
      .references(() => tenancyRequests.id),
    accountId: text("account_id").$type<AccountId>().notNull(),
    role: text("role").notNull(),
    planHash: text("plan_hash").notNull(),
    comment: text("comment"),
    at: instant("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.requestId, table.planHash, table.accountId] })],
);

export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    accountId: text("account_id").$type<AccountId>().notNull(),
    key: text("key").notNull(),
    bodyDigest: text("body_digest").notNull(),
    response: json<{ status: number; body: string; headers: Record<string, string> }>("response"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.key] }),
    index("idempotency_created").on(table.createdAt),
  ],
);
