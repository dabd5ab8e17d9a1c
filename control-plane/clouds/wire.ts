import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import { jurisdictionCode, line, resourceClass, slug, text } from "../kernel/input.ts";
import { capacityOf, RATIO_UNIT } from "../kernel/quantity.ts";
import type { CloudRow, InventoryRow, PoolRow, ZoneRow } from "./rows.ts";

const tier = z.enum(["provincial", "municipal", "industry"]);
const status = z.enum(["active", "suspended"]);
const zoneKind = z.enum(["internet", "extranet", "dedicated"]);

export const ListClouds = z.strictObject({
  ...pageQuery,
  tier: tier.optional(),
  jurisdiction: jurisdictionCode.optional(),
  sector: slug.optional(),
  status: status.optional(),
  q: line(100).optional().describe("Part of the id or of a name"),
});
export type CloudFilters = Omit<z.infer<typeof ListClouds>, "limit" | "cursor">;

export const GetCloud = z.strictObject({ id: slug });

export const ChangeStatusBody = z.strictObject({ reason: line(500) });
export const ChangeStatus = z.strictObject({
  ...ChangeStatusBody.shape,
  id: slug,
  ifMatch: z.int().optional(),
});

const Zone = z.object({ id: z.string(), kind: zoneKind, name: text }).openapi("Zone");

const assessment = z.object({
  validUntil: z.string().nullable().describe("Last valid day in China, null without an assessment"),
});

/** Without the connection: where and how a cloud is reached concerns the adapters only. */
export const Cloud = z
  .object({
    id: z.string(),
    tier,
    name: text,
    jurisdiction: z.string(),
    sector: z.string(),
    csp: z.string(),
    country: z.string(),
    operationsCountry: z.string(),
    mlpsLevel: z.int(),
    operatingModel: z.enum(["integrated", "separated"]),
    assessments: z.object({ security: assessment, cryptography: assessment }),
    providerKind: z.string(),
    zones: z.array(Zone),
    status,
    health: z.object({
      reachable: z.boolean(),
      degradedSince: z.iso.datetime().nullable(),
      degradedReason: z.string().nullable(),
      lastProbedAt: z.iso.datetime().nullable(),
    }),
    generation: z.int(),
  })
  .openapi("Cloud");
export type Cloud = z.infer<typeof Cloud>;

export const ListPools = z.strictObject({
  ...pageQuery,
  cloudId: slug.optional(),
  zone: zoneKind.optional(),
  architecture: slug.optional(),
  mlpsLevel: z.coerce.number().int().min(1).max(4).optional(),
  xinchuang: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional(),
});
export type PoolFilters = Omit<z.infer<typeof ListPools>, "limit" | "cursor">;

export const GetPool = z.strictObject({ id: slug });

const Inventory = z
  .object({
    resourceClass,
    total: z.int(),
    reserved: z.int(),
    minUnit: z.int(),
    maxUnit: z.int(),
    stepSize: z.int(),
    allocationRatio: z.number(),
    capacity: z.int().describe("(total - reserved) * allocationRatio, rounded down"),
    used: z.int(),
    held: z.int(),
    free: z.int().describe("What may still be held; 0 where more is in use than the capacity"),
  })
  .openapi("Inventory");
type Inventory = z.infer<typeof Inventory>;

export const Pool = z
  .object({
    id: z.string(),
    cloudId: z.string(),
    zone: Zone,
    name: text,
    architecture: z.string(),
    mlpsLevel: z.int(),
    xinchuang: z.boolean(),
    dedicated: z.boolean(),
    tenantIsolation: z.boolean(),
    encryption: z.boolean(),
    faultDomains: z.int(),
    traits: z.array(z.string()),
    status,
    inventories: z.array(Inventory),
    generation: z.int(),
  })
  .openapi("Pool");
export type Pool = z.infer<typeof Pool>;

/** The trait of pools whose hardware and software are domestic (信创). */
export const XINCHUANG_TRAIT = "xinchuang";

export function cloudOf(row: CloudRow, zones: readonly ZoneRow[]): Cloud {
  const { id, tier, sector, csp, country, operationsCountry, mlpsLevel, operatingModel } = row;
  return {
    id,
    tier,
    name: { zh: row.nameZh, en: row.nameEn },
    jurisdiction: row.jurisdictionCode,
    sector,
    csp,
    country,
    operationsCountry,
    mlpsLevel,
    operatingModel,
    assessments: {
      security: { validUntil: row.securityAssessmentValidUntil },
      cryptography: { validUntil: row.cryptoAssessmentValidUntil },
    },
    providerKind: row.providerKind,
    zones: zones.map(zoneOf),
    status: row.status,
    health: {
      reachable: row.reachable,
      degradedSince: row.degradedSince?.toISOString() ?? null,
      degradedReason: row.degradedReason,
      lastProbedAt: row.lastProbedAt?.toISOString() ?? null,
    },
    generation: row.generation,
  };
}

export function poolOf({ pool, zone }: PoolRow, inventories: readonly InventoryRow[]): Pool {
  const { id, cloudId, architecture, mlpsLevel, dedicated, tenantIsolation, encryption, faultDomains } = pool;
  return {
    id,
    cloudId,
    zone: zoneOf(zone),
    name: { zh: pool.nameZh, en: pool.nameEn },
    architecture,
    mlpsLevel,
    xinchuang: pool.traits.includes(XINCHUANG_TRAIT),
    dedicated,
    tenantIsolation,
    encryption,
    faultDomains,
    traits: pool.traits,
    status: pool.status,
    inventories: inventories.map(inventoryOf),
    generation: pool.generation,
  };
}

function zoneOf({ id, kind, nameZh, nameEn }: ZoneRow): z.infer<typeof Zone> {
  return { id, kind, name: { zh: nameZh, en: nameEn } };
}

function inventoryOf(row: InventoryRow): Inventory {
  const { resourceClass, total, reserved, minUnit, maxUnit, stepSize, used, held } = row;
  const capacity = capacityOf(total, reserved, row.allocationRatioMilli);
  return {
    resourceClass,
    total,
    reserved,
    minUnit,
    maxUnit,
    stepSize,
    allocationRatio: row.allocationRatioMilli / RATIO_UNIT,
    capacity,
    used,
    held,
    free: Math.max(0, capacity - used - held),
  };
}
