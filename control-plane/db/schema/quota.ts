import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigserial,
  boolean,
  check,
  index,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type {
  CloudId,
  HoldId,
  OrganizationId,
  PlacementId,
  PoolId,
  QuotaNodeId,
  RequestId,
  TenancyId,
} from "../../kernel/ids.ts";
import type { HeldPart } from "../../quota/held-part.ts";
import { generation, instant, json, quantity, resourceClass } from "./columns.ts";
import { organizations } from "./organizations.ts";
import { clouds, pools } from "./topology.ts";

export const quotaNodes = pgTable(
  "quota_nodes",
  {
    id: text("id").$type<QuotaNodeId>().primaryKey(),
    parentId: text("parent_id")
      .$type<QuotaNodeId>()
      .references((): AnyPgColumn => quotaNodes.id),
    kind: text("kind").$type<"province" | "cloud" | "department">().notNull(),
    cloudId: text("cloud_id")
      .$type<CloudId>()
      .references(() => clouds.id),
    organizationId: text("organization_id")
      .$type<OrganizationId>()
      .references(() => organizations.id),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    generation: generation(),
  },
  (table) => [
    index("quota_nodes_parent").on(table.parentId),
    index("quota_nodes_organization").on(table.organizationId),
    uniqueIndex("quota_nodes_department")
      .on(table.cloudId, table.organizationId)
      .where(sql`kind = 'department'`),
  ],
);

/** One node's limits for one resource class in Kueue's terms, with the figures derived from them. */
export const quotaLimits = pgTable(
  "quota_limits",
  {
    nodeId: text("node_id")
      .$type<QuotaNodeId>()
      .notNull()
      .references(() => quotaNodes.id),
    resourceClass: resourceClass(),
    nominal: quantity("nominal").notNull(),
    /** Null: may borrow without limit. */
    borrowingLimit: quantity("borrowing_limit"),
    /** Null: lends everything. */
    lendingLimit: quantity("lending_limit"),
    localQuota: quantity("local_quota").notNull().default(0),
    subtreeQuota: quantity("subtree_quota").notNull().default(0),
    /** Claims and holds made at this very node, from the ledger. */
    used: quantity("used").notNull().default(0),
    held: quantity("held").notNull().default(0),
    /** `used + held` plus what the children's usage exceeds their local quota by. */
    usage: quantity("usage").notNull().default(0),
    /** Somebody chose that nothing grows here or below until the node is back under its limit. */
    frozen: boolean("frozen").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.resourceClass] }),
    check(
      "quota_limits_quantities",
      sql`nominal >= 0 AND coalesce(borrowing_limit, 0) >= 0 AND coalesce(lending_limit, 0) >= 0
        AND used >= 0 AND held >= 0 AND usage >= 0`,
    ),
  ],
);

export const holds = pgTable(
  "holds",
  {
    id: text("id").$type<HoldId>().primaryKey(),
    requestId: text("request_id").$type<RequestId>().notNull(),
    state: text("state").$type<"active" | "committed" | "released" | "expired">().notNull().default("active"),
    parts: json<HeldPart[]>("parts").notNull(),
    expiresAt: instant("expires_at").notNull(),
    createdAt: instant("created_at").notNull(),
    settledAt: instant("settled_at"),
  },
  (table) => [
    index("holds_due").on(table.expiresAt).where(sql`state = 'active'`),
    index("holds_request").on(table.requestId),
  ],
);

/** What a live placement has of one resource class. */
export const claims = pgTable(
  "claims",
  {
    placementId: text("placement_id").$type<PlacementId>().notNull(),
    resourceClass: resourceClass(),
    tenancyId: text("tenancy_id").$type<TenancyId>().notNull(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    poolId: text("pool_id")
      .$type<PoolId>()
      .notNull()
      .references(() => pools.id),
    quotaNodeId: text("quota_node_id")
      .$type<QuotaNodeId>()
      .notNull()
      .references(() => quotaNodes.id),
    amount: quantity("amount").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.placementId, table.resourceClass] }),
    index("claims_tenancy").on(table.tenancyId),
    index("claims_pool").on(table.poolId),
    index("claims_node").on(table.quotaNodeId),
    check("claims_amount", sql`amount > 0`),
  ],
);

/** Append-only: counters of pools and quota nodes are sums of these rows. */
export const ledgerEntries = pgTable(
  "ledger_entries",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    at: instant("at").notNull(),
    kind: text("kind").$type<"hold" | "commit" | "release" | "expire" | "return">().notNull(),
    holdId: text("hold_id").$type<HoldId>(),
    tenancyId: text("tenancy_id").$type<TenancyId>(),
    placementId: text("placement_id").$type<PlacementId>(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    poolId: text("pool_id").$type<PoolId>().notNull(),
    quotaNodeId: text("quota_node_id").$type<QuotaNodeId>().notNull(),
    resourceClass: resourceClass(),
    heldDelta: quantity("held_delta").notNull(),
    usedDelta: quantity("used_delta").notNull(),
  },
  (table) => [
    index("ledger_pool").on(table.poolId, table.resourceClass),
    index("ledger_node").on(table.quotaNodeId, table.resourceClass),
    index("ledger_hold").on(table.holdId),
  ],
);
