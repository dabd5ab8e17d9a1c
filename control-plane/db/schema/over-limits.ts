import { sql } from "drizzle-orm";
import { check, index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type {
  AccountId,
  CloudId,
  OrganizationId,
  OverLimitId,
  PoolId,
  QuotaNodeId,
  RequestId,
} from "../../kernel/ids.ts";
import { generation, instant, json, quantity, resourceClass } from "./columns.ts";

/**
 * A quota node or a pool that uses more of one class than a lowered limit allows, and what was chosen for it.
 * Without references: a closed case outlives what it was about.
 */
export const overLimits = pgTable(
  "over_limits",
  {
    id: text("id").$type<OverLimitId>().primaryKey(),
    /** Either this or `poolId`. */
    nodeId: text("node_id").$type<QuotaNodeId>(),
    poolId: text("pool_id").$type<PoolId>(),
    resourceClass: resourceClass(),
    cloudId: text("cloud_id").$type<CloudId>(),
    organizationId: text("organization_id").$type<OrganizationId>(),
    choice: text("choice").$type<"freeze" | "grace" | "shrink">().notNull(),
    phase: text("phase").$type<"grace" | "frozen">().notNull(),
    /** The end of the grace period. */
    until: instant("until"),
    /** By how much the choice allows to be over; growing beyond it is an error. */
    over: quantity("over").notNull(),
    /** Resizes that the choice `shrink` has asked for. */
    requestIds: json<RequestId[]>("request_ids").notNull(),
    notices: json<{ at: string; daysLeft: number }[]>("notices").notNull(),
    chosenBy: text("chosen_by").$type<AccountId>(),
    since: instant("since").notNull(),
    closedAt: instant("closed_at"),
    generation: generation(),
  },
  (table) => [
    uniqueIndex("over_limits_open_node")
      .on(table.nodeId, table.resourceClass)
      .where(sql`closed_at IS NULL AND node_id IS NOT NULL`),
    uniqueIndex("over_limits_open_pool")
      .on(table.poolId, table.resourceClass)
      .where(sql`closed_at IS NULL AND pool_id IS NOT NULL`),
    index("over_limits_open").on(table.id).where(sql`closed_at IS NULL`),
    check("over_limits_one_place", sql`(node_id IS NULL) <> (pool_id IS NULL)`),
    check("over_limits_over", sql`over > 0`),
    check("over_limits_choice", sql`choice IN ('freeze', 'grace', 'shrink')`),
    check("over_limits_phase", sql`phase = 'frozen' OR (phase = 'grace' AND until IS NOT NULL)`),
  ],
);
