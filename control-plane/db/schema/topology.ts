import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  date,
  doublePrecision,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Supports } from "../../../providers/port.ts";
import type { CipherName } from "../../credentials/cipher.ts";
import type { CloudId, PoolId, ZoneId } from "../../kernel/ids.ts";
import { generation, instant, json, quantity, resourceClass } from "./columns.ts";

/** Administrative divisions by GB/T 2260 code. */
export const jurisdictions = pgTable("jurisdictions", {
  code: text("code").primaryKey(),
  nameZh: text("name_zh").notNull(),
  nameEn: text("name_en").notNull(),
  level: text("level").$type<"province" | "city" | "county">().notNull(),
  parentCode: text("parent_code"),
  latitude: doublePrecision("latitude").notNull(),
  longitude: doublePrecision("longitude").notNull(),
});

export const clouds = pgTable(
  "clouds",
  {
    id: text("id").$type<CloudId>().primaryKey(),
    tier: text("tier").$type<"provincial" | "municipal" | "industry">().notNull(),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    jurisdictionCode: text("jurisdiction_code")
      .notNull()
      .references(() => jurisdictions.code),
    sector: text("sector").notNull().default(""),
    csp: text("csp").notNull(),
    country: text("country").notNull(),
    operationsCountry: text("operations_country").notNull(),
    mlpsLevel: integer("mlps_level").notNull(),
    operatingModel: text("operating_model").$type<"integrated" | "separated">().notNull(),
    securityAssessmentValidUntil: date("security_assessment_valid_until", { mode: "string" }),
    cryptoAssessmentValidUntil: date("crypto_assessment_valid_until", { mode: "string" }),
    providerKind: text("provider_kind").notNull(),
    connection: json<Record<string, unknown>>("connection").notNull(),
    /** What happens to what somebody has changed, or removed, at the cloud behind our back. */
    onDrift: text("on_drift").$type<"repair" | "report">().notNull().default("repair"),
    onLoss: text("on_loss").$type<"recreate" | "report">().notNull().default("recreate"),
    /** What happens where the cloud says that it has more or less than the documents give out. */
    onCapacity: text("on_capacity").$type<"report" | "adopt">().notNull().default("report"),
    status: text("status").$type<"active" | "suspended">().notNull().default("active"),
    reachable: boolean("reachable").notNull().default(true),
    degradedSince: instant("degraded_since"),
    degradedReason: text("degraded_reason"),
    lastProbedAt: instant("last_probed_at"),
    /** What the cloud has said last that it can do; null before its first answer. */
    supports: json<Supports>("supports"),
    generation: generation(),
  },
  (table) => [
    // The province has exactly one cloud of its own: the "1" of 1+M+N.
    uniqueIndex("clouds_one_provincial").on(table.tier).where(sql`tier = 'provincial'`),
    check("clouds_tier", sql`tier IN ('provincial', 'municipal', 'industry')`),
    check("clouds_mlps_level", sql`mlps_level BETWEEN 1 AND 4`),
    check("clouds_status", sql`status IN ('active', 'suspended')`),
    check("clouds_on_drift", sql`on_drift IN ('repair', 'report') AND on_loss IN ('recreate', 'report')`),
    check("clouds_on_capacity", sql`on_capacity IN ('report', 'adopt')`),
    check("clouds_operating_model", sql`operating_model IN ('integrated', 'separated')`),
  ],
);

/** One cloud's credential, sealed; nothing outside `credentials/` reads the sealed columns. */
export const cloudCredentials = pgTable("cloud_credentials", {
  cloudId: text("cloud_id")
    .$type<CloudId>()
    .primaryKey()
    .references(() => clouds.id, { onDelete: "cascade" }),
  cipher: text("cipher").$type<CipherName>().notNull(),
  keyId: text("key_id").notNull(),
  nonce: text("nonce").notNull(),
  ciphertext: text("ciphertext").notNull(),
  tag: text("tag").notNull(),
  /** Names without values: what a person may know about it. */
  fields: text("fields").array().notNull(),
  setAt: instant("set_at").notNull(),
  setBy: text("set_by").notNull(),
  lastUsedAt: instant("last_used_at"),
  generation: generation(),
});

export const zones = pgTable(
  "zones",
  {
    id: text("id").$type<ZoneId>().primaryKey(),
    cloudId: text("cloud_id")
      .$type<CloudId>()
      .notNull()
      .references(() => clouds.id),
    kind: text("kind").$type<"internet" | "extranet" | "dedicated">().notNull(),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
  },
  (table) => [
    unique("zones_id_cloud").on(table.id, table.cloudId),
    check("zones_kind", sql`kind IN ('internet', 'extranet', 'dedicated')`),
  ],
);

export const pools = pgTable(
  "pools",
  {
    id: text("id").$type<PoolId>().primaryKey(),
    cloudId: text("cloud_id")
      .$type<CloudId>()
      .notNull()
      .references(() => clouds.id),
    zoneId: text("zone_id").$type<ZoneId>().notNull(),
    nameZh: text("name_zh").notNull(),
    nameEn: text("name_en").notNull(),
    architecture: text("architecture").notNull(),
    mlpsLevel: integer("mlps_level").notNull(),
    dedicated: boolean("dedicated").notNull(),
    tenantIsolation: boolean("tenant_isolation").notNull(),
    encryption: boolean("encryption").notNull(),
    faultDomains: integer("fault_domains").notNull(),
    traits: text("traits").array().notNull(),
    status: text("status").$type<"active" | "suspended">().notNull().default("active"),
    generation: generation(),
  },
  (table) => [
    // The zone must belong to the pool's own cloud.
    foreignKey({
      name: "pools_zone_of_cloud",
      columns: [table.zoneId, table.cloudId],
      foreignColumns: [zones.id, zones.cloudId],
    }),
    index("pools_cloud").on(table.cloudId),
    check("pools_mlps_level", sql`mlps_level BETWEEN 1 AND 4`),
    check("pools_fault_domains", sql`fault_domains >= 1`),
    check("pools_status", sql`status IN ('active', 'suspended')`),
  ],
);

/** What a pool has of one resource class, in OpenStack Placement's terms, and what of it is taken. */
export const inventories = pgTable(
  "inventories",
  {
    poolId: text("pool_id")
      .$type<PoolId>()
      .notNull()
      .references(() => pools.id),
    resourceClass: resourceClass(),
    cloudId: text("cloud_id").$type<CloudId>().notNull(),
    total: quantity("total").notNull(),
    reserved: quantity("reserved").notNull(),
    minUnit: quantity("min_unit").notNull(),
    maxUnit: quantity("max_unit").notNull(),
    stepSize: quantity("step_size").notNull(),
    allocationRatioMilli: quantity("allocation_ratio_milli").notNull(),
    /** Derived from the ledger; `yunheng verify` re-derives it. */
    used: quantity("used").notNull().default(0),
    held: quantity("held").notNull().default(0),
    /** Somebody chose that nothing grows here until the pool is back under its capacity. */
    frozen: boolean("frozen").notNull().default(false),
    /** True while commitments bind a part of the capacity: then the calendar decides too. */
    promised: boolean("promised").notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.poolId, table.resourceClass] }),
    check(
      "inventories_quantities",
      sql`total >= 0 AND reserved >= 0 AND reserved <= total AND used >= 0 AND held >= 0`,
    ),
    check("inventories_units", sql`min_unit >= 1 AND max_unit >= min_unit AND step_size >= 1`),
    check("inventories_ratio", sql`allocation_ratio_milli >= 1`),
  ],
);

/** Prices in fen per unit and month; the newest list whose date has come applies. */
export const priceLists = pgTable("price_lists", {
  id: text("id").primaryKey(),
  nameZh: text("name_zh").notNull(),
  nameEn: text("name_en").notNull(),
  effectiveFrom: date("effective_from", { mode: "string" }).notNull(),
  fenPerUnitMonth: json<Record<string, number>>("fen_per_unit_month").notNull(),
});
