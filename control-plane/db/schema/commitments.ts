import { sql } from "drizzle-orm";
import { check, date, index, pgTable, text } from "drizzle-orm/pg-core";
import type {
  AccountId,
  CloudId,
  CommitmentId,
  OrganizationId,
  PoolId,
  QuotaNodeId,
} from "../../kernel/ids.ts";
import { generation, instant, quantity, resourceClass } from "./columns.ts";

/**
 * Capacity that a quota node is to have from `start` until `expiresAt`, in the terms of SAP Limes.
 * Days are days in China. Without references: an expired commitment outlives pool and node.
 */
export const commitments = pgTable(
  "commitments",
  {
    id: text("id").$type<CommitmentId>().primaryKey(),
    quotaNodeId: text("quota_node_id").$type<QuotaNodeId>().notNull(),
    organizationId: text("organization_id").$type<OrganizationId>(),
    poolId: text("pool_id").$type<PoolId>().notNull(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    resourceClass: resourceClass(),
    amount: quantity("amount").notNull(),
    status: text("status").$type<"planned" | "pending" | "guaranteed" | "confirmed" | "expired">().notNull(),
    /** The day on which it is decided by itself, unless somebody confirms it before. */
    confirmBy: date("confirm_by", { mode: "string" }).notNull(),
    start: date("start", { mode: "string" }).notNull(),
    /** The first day on which it no longer binds. */
    expiresAt: date("expires_at", { mode: "string" }).notNull(),
    note: text("note"),
    /** Why it ended before its time. */
    reason: text("reason"),
    createdBy: text("created_by").$type<AccountId>(),
    createdAt: instant("created_at").notNull(),
    /** When capacity was set aside for it. */
    confirmedAt: instant("confirmed_at"),
    endedAt: instant("ended_at"),
    generation: generation(),
  },
  (table) => [
    index("commitments_binding")
      .on(table.poolId, table.resourceClass)
      .where(sql`status IN ('guaranteed', 'confirmed')`),
    index("commitments_live").on(table.id).where(sql`status <> 'expired'`),
    index("commitments_node").on(table.quotaNodeId),
    check("commitments_amount", sql`amount > 0`),
    check("commitments_days", sql`confirm_by <= start AND start < expires_at`),
    check("commitments_status", sql`status IN ('planned', 'pending', 'guaranteed', 'confirmed', 'expired')`),
  ],
);
