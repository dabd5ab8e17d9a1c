import { sql } from "drizzle-orm";
import { type AnyPgColumn, check, index, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { OrganizationId, SystemId } from "../../kernel/ids.ts";
import { generation, instant } from "./columns.ts";
import { jurisdictions } from "./topology.ts";

export const organizations = pgTable(
  "organizations",
  {
    id: text("id").$type<OrganizationId>().primaryKey(),
    parentId: text("parent_id")
      .$type<OrganizationId>()
      .references((): AnyPgColumn => organizations.id),
    /** `/gd/gd-guangzhou/`: kept by a trigger, which also refuses cycles; scopes are prefixes of it. */
    path: text("path").notNull().default(""),
    kind: text("kind").notNull(),
    level: text("level").$type<"province" | "city" | "county">().notNull(),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    jurisdictionCode: text("jurisdiction_code")
      .notNull()
      .references(() => jurisdictions.code),
    sector: text("sector").notNull().default(""),
    generation: generation(),
  },
  (table) => [index("organizations_path").using("btree", sql`${table.path} text_pattern_ops`)],
);

/** A department's application system (业务系统): what a tenancy is for. */
export const systems = pgTable(
  "systems",
  {
    id: text("id").$type<SystemId>().primaryKey(),
    organizationId: text("organization_id")
      .$type<OrganizationId>()
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    nameEn: text("name_en").notNull().default(""),
    mlpsLevel: integer("mlps_level").notNull(),
    dataClass: text("data_class").$type<"general" | "important" | "core" | "secret">().notNull(),
    filingNo: text("filing_no"),
    createdAt: instant("created_at").notNull().defaultNow(),
    generation: generation(),
  },
  (table) => [
    uniqueIndex("systems_organization_name").on(table.organizationId, table.name),
    check("systems_mlps_level", sql`mlps_level BETWEEN 1 AND 5`),
  ],
);
