import { sql } from "drizzle-orm";
import { bigserial, date, index, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import type { WipeReceipt } from "../../../providers/port.ts";
import type {
  CloudId,
  OperationId,
  OrganizationId,
  PlacementId,
  PoolId,
  QuotaNodeId,
  RequestId,
  SystemId,
  TenancyId,
} from "../../kernel/ids.ts";
import type { DesiredPlacement, ObservedPlacement } from "../../provisioning/desired.ts";
import type { OperationStep } from "../../provisioning/operation.ts";
import type { LifeStatus } from "../../requests/lifecycle.ts";
import type { Confirmation, TenancyGrant } from "../../tenancies/grant.ts";
import { generation, instant, json, transactionId } from "./columns.ts";
import { organizations } from "./organizations.ts";

export const tenancies = pgTable(
  "tenancies",
  {
    id: text("id").$type<TenancyId>().primaryKey(),
    organizationId: text("organization_id")
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id),
    systemId: text("system_id").$type<SystemId>().notNull(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    environment: text("environment").notNull(),
    status: text("status").$type<LifeStatus>().notNull(),
    /** What was granted, under which request, plan and approvals. */
    granted: json<TenancyGrant>("granted").notNull(),
    requestId: text("request_id").$type<RequestId>().notNull(),
    /** The change that is being carried out; a second one has to wait. */
    changeRequestId: text("change_request_id").$type<RequestId>(),
    termStart: date("term_start", { mode: "string" }).notNull(),
    termEnd: date("term_end", { mode: "string" }).notNull(),
    confirmations: json<Confirmation[]>("confirmations").notNull().default([]),
    statusReason: text("status_reason"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
    generation: generation(),
  },
  (table) => [
    index("tenancies_organization").on(table.organizationId, table.id),
    index("tenancies_cloud").on(table.cloudId, table.id),
    index("tenancies_term").on(table.termEnd),
    // Lists of one status, which may be rare among very many; a cloud has too many of them for its own index.
    index("tenancies_status").on(table.status, table.id),
    index("tenancies_cloud_status").on(table.cloudId, table.status, table.id),
    // Whose term is over is asked every minute, and of those that ended long ago there are more and more.
    index("tenancies_running_term").on(table.termEnd).where(sql`status IN ('trial', 'in_service')`),
  ],
);

/** One part of a tenancy in one pool: desired beside observed. */
export const placements = pgTable(
  "placements",
  {
    id: text("id").$type<PlacementId>().primaryKey(),
    tenancyId: text("tenancy_id")
      .$type<TenancyId>()
      .notNull()
      .references(() => tenancies.id),
    role: text("role").$type<"primary" | "edge" | "recovery">().notNull(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    poolId: text("pool_id").$type<PoolId>().notNull(),
    quotaNodeId: text("quota_node_id").$type<QuotaNodeId>().notNull(),
    desired: json<DesiredPlacement>("desired").notNull(),
    desiredGeneration: integer("desired_generation").notNull().default(1),
    observed: json<ObservedPlacement>("observed"),
    /** Equal to `desiredGeneration` once the cloud shows what was asked for. */
    observedGeneration: integer("observed_generation").notNull().default(0),
    observedAt: instant("observed_at"),
    /** In how many fields the cloud differed when it was looked at last, though it had shown what is desired. */
    driftFields: integer("drift_fields").notNull().default(0),
    wipeReceipt: json<WipeReceipt>("wipe_receipt"),
  },
  (table) => [
    unique("placements_role").on(table.tenancyId, table.role),
    index("placements_drifted").on(table.cloudId).where(sql`drift_fields > 0`),
    index("placements_unconverged").on(table.tenancyId).where(sql`observed_generation < desired_generation`),
  ],
);

/** What is about to be asked of a cloud, written before it is asked. */
export const intents = pgTable(
  "intents",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    placementId: text("placement_id")
      .$type<PlacementId>()
      .notNull()
      .references(() => placements.id),
    /** Names the step inside the placement, for example `instance:app-1`. */
    step: text("step").notNull(),
    desiredGeneration: integer("desired_generation").notNull(),
    clientToken: text("client_token").notNull(),
    attempts: integer("attempts").notNull().default(0),
    /** Calls in a row that succeeded and yet had to be made again. */
    vainRepeats: integer("vain_repeats").notNull().default(0),
    state: text("state").$type<"recorded" | "done" | "failed">().notNull().default("recorded"),
    lastError: text("last_error"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [unique("intents_step").on(table.placementId, table.step, table.desiredGeneration)],
);

export const operations = pgTable(
  "operations",
  {
    id: text("id").$type<OperationId>().primaryKey(),
    kind: text("kind")
      .$type<"provision" | "resize" | "renew" | "retire" | "suspend" | "resume" | "repair">()
      .notNull(),
    status: text("status").$type<"pending" | "running" | "succeeded" | "failed">().notNull(),
    tenancyId: text("tenancy_id").$type<TenancyId>().notNull(),
    requestId: text("request_id").$type<RequestId>(),
    organizationId: text("organization_id").$type<OrganizationId>().notNull(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    steps: json<OperationStep[]>("steps").notNull(),
    /** Whole per cent. */
    progress: integer("progress").notNull().default(0),
    error: json<{ code: string; messageZh: string; message: string; transient: boolean }>("error"),
    dueAt: instant("due_at"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
    finishedAt: instant("finished_at"),
    generation: generation(),
  },
  (table) => [
    index("operations_tenancy").on(table.tenancyId),
    index("operations_status").on(table.status, table.id),
    index("operations_organization").on(table.organizationId, table.id),
    index("operations_cloud").on(table.cloudId, table.id),
  ],
);

/** Outbox of the event stream; read in commit order by `(transactionId, id)`. */
export const events = pgTable(
  "events",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    transactionId: transactionId("transaction_id").notNull().default(sql`pg_current_xact_id()`),
    at: instant("at").notNull(),
    type: text("type").notNull(),
    organizationId: text("organization_id").$type<OrganizationId>(),
    cloudId: text("cloud_id").$type<CloudId>(),
    subjectId: text("subject_id").notNull(),
    data: json<Record<string, unknown>>("data").notNull(),
  },
  (table) => [index("events_order").on(table.transactionId, table.id)],
);
