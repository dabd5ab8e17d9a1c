import { sql } from "drizzle-orm";
import { bigint, index, pgTable, text } from "drizzle-orm/pg-core";
import type { AccountId, AuditEntryId, CloudId, OrganizationId } from "../../kernel/ids.ts";
import { instant, json, transactionId } from "./columns.ts";

/** Append-only; triggers refuse UPDATE, DELETE and TRUNCATE. */
export const auditEntries = pgTable(
  "audit_entries",
  {
    id: text("id").$type<AuditEntryId>().primaryKey(),
    transactionId: transactionId("transaction_id").notNull().default(sql`pg_current_xact_id()`),
    at: instant("at").notNull(),
    actor: json<{ accountId: AccountId | null; name: string; roles: string[] }>("actor").notNull(),
    action: text("action").notNull(),
    outcome: text("outcome").$type<"succeeded" | "refused" | "failed">().notNull(),
    targetType: text("target_type").notNull(),
    targetId: text("target_id").notNull(),
    organizationId: text("organization_id").$type<OrganizationId>(),
    cloudId: text("cloud_id").$type<CloudId>(),
    reason: text("reason"),
    before: json<unknown>("before"),
    after: json<unknown>("after"),
    requestId: text("request_id").notNull(),
    sourceAddress: text("source_address"),
  },
  (table) => [
    index("audit_order").on(table.transactionId, table.id),
    index("audit_target").on(table.targetType, table.targetId),
    index("audit_organization").on(table.organizationId, table.id),
    index("audit_cloud").on(table.cloudId, table.id),
    index("audit_action").on(table.action, table.id),
    index("audit_at").on(table.at),
    index("audit_request").on(table.requestId),
    index("audit_account").on(sql`(actor ->> 'accountId')`, table.id),
    index("audit_not_succeeded").on(table.outcome, table.id).where(sql`outcome <> 'succeeded'`),
  ],
);

/** The chain: one row per entry in the order the sealer saw them committed. */
export const auditSeals = pgTable("audit_seals", {
  seq: bigint("seq", { mode: "number" }).primaryKey(),
  entryId: text("entry_id")
    .$type<AuditEntryId>()
    .notNull()
    .unique()
    .references(() => auditEntries.id),
  previousHash: text("previous_hash").notNull(),
  hash: text("hash").notNull(),
  algorithm: text("algorithm").$type<"sha256" | "sm3">().notNull(),
});

export const auditCheckpoints = pgTable("audit_checkpoints", {
  seq: bigint("seq", { mode: "number" }).primaryKey(),
  hash: text("hash").notNull(),
  algorithm: text("algorithm").$type<"sha256" | "sm3">().notNull(),
  sealedAt: instant("sealed_at").notNull(),
  keyId: text("key_id").notNull(),
  publicKey: text("public_key").notNull(),
  signature: text("signature").notNull(),
});
