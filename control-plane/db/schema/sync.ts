import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { FindingDecision, FindingDetails, FindingKind, FindingStatus } from "../../findings/finding.ts";
import type { CloudId, FindingId, PoolId } from "../../kernel/ids.ts";
import { generation, instant, json, quantity, resourceClass } from "./columns.ts";
import { clouds, pools } from "./topology.ts";

/** When a cloud was looked through last, and why that failed since. */
export const cloudSyncs = pgTable("cloud_syncs", {
  cloudId: text("cloud_id")
    .$type<CloudId>()
    .primaryKey()
    .references(() => clouds.id, { onDelete: "cascade" }),
  /** Null where somebody wants the next look at once. */
  attemptedAt: instant("attempted_at"),
  syncedAt: instant("synced_at"),
  /** The first attempt: from here on a picture that never came grows old. */
  watchedSince: instant("watched_since").notNull().defaultNow(),
  problem: text("problem"),
  problemSince: instant("problem_since"),
  tenancies: integer("tenancies").notNull().default(0),
});

/** What a cloud itself says that a pool has; the province's documents say what is given out. */
export const observedInventories = pgTable(
  "observed_inventories",
  {
    poolId: text("pool_id")
      .$type<PoolId>()
      .notNull()
      .references(() => pools.id, { onDelete: "cascade" }),
    resourceClass: resourceClass(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    total: quantity("total").notNull(),
    reserved: quantity("reserved").notNull(),
    used: quantity("used").notNull(),
    observedAt: instant("observed_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.poolId, table.resourceClass] }),
    index("observed_inventories_cloud").on(table.cloudId),
  ],
);

/** What a look at a cloud found that nobody has recorded; a person decides about it. */
export const findings = pgTable(
  "findings",
  {
    id: text("id").$type<FindingId>().primaryKey(),
    kind: text("kind").$type<FindingKind>().notNull(),
    cloudId: text("cloud_id")
      .$type<CloudId>()
      .notNull()
      .references(() => clouds.id),
    /** The object's name at the cloud. */
    subject: text("subject").notNull(),
    details: json<FindingDetails>("details").notNull(),
    status: text("status").$type<FindingStatus>().notNull(),
    decision: json<FindingDecision>("decision"),
    firstSeenAt: instant("first_seen_at").notNull(),
    lastSeenAt: instant("last_seen_at").notNull(),
    resolvedAt: instant("resolved_at"),
    generation: generation(),
  },
  (table) => [
    uniqueIndex("findings_unresolved")
      .on(table.cloudId, table.kind, table.subject)
      .where(sql`status <> 'resolved'`),
    index("findings_cloud").on(table.cloudId, table.id),
    check("findings_status", sql`status IN ('open', 'ignored', 'removing', 'resolved')`),
  ],
);
