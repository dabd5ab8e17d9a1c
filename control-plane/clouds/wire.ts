import { z } from "@hono/zod-openapi";
import { pageQuery } from "../http/page.ts";
import {
  jurisdictionCode,
  line,
  QUANTITY_MAX,
  quantity,
  resourceClass,
  slug,
  text,
} from "../kernel/input.ts";
import { amountOf, capacityOf, RATIO_UNIT, type ResourceVector } from "../kernel/quantity.ts";
import { type OverLimitRow, overLimitView } from "../over-limits/store.ts";
import { type Consequences, ConsequencesView, OverLimit, OverLimitChoice } from "../over-limits/wire.ts";
import { ratioMilli } from "../province/fields.ts";
import type { InventoryRow, PoolRow, ZoneRow } from "./rows.ts";

export const tier = z.enum(["provincial", "municipal", "industry"]);
export const status = z.enum(["active", "suspended"]);
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

export const Zone = z.object({ id: z.string(), kind: zoneKind, name: text }).openapi("Zone");

export const GetCloud = z.strictObject({ id: slug });

export const ChangeStatusBody = z.strictObject({ reason: line(500) });
export const ChangeStatus = z.strictObject({
  ...ChangeStatusBody.shape,
  id: slug,
  ifMatch: z.int().optional(),
});

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
    promised: z.int().describe("Promised for today beyond what those it is promised to use already"),
    free: z.int().describe("What may still be held; 0 where more is in use or promised than the capacity"),
    frozen: z.boolean().describe("Left over a lowered capacity: nothing grows until it shrinks"),
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
    overLimits: z.array(OverLimit).describe("Where a capacity was lowered below what is in use"),
    generation: z.int(),
  })
  .openapi("Pool");
export type Pool = z.infer<typeof Pool>;

export const ChangedPool = Pool.extend({
  consequences: ConsequencesView.nullable().describe("What follows where more is in use; null where nothing"),
}).openapi("ChangedPool");
export type ChangedPool = Pool & { readonly consequences: Consequences | null };

const unit = z.int().min(1).max(QUANTITY_MAX).optional();

/** Fields that are not named stay as they are. */
export const UpdateInventoryBody = z.strictObject({
  total: quantity.optional(),
  reserved: quantity.optional(),
  minUnit: unit,
  maxUnit: unit,
  stepSize: unit,
  allocationRatio: ratioMilli.optional().describe("Overcommit, with at most three decimals"),
  overLimit: OverLimitChoice.optional().describe("Needed where more is in use than the new capacity"),
});

export const UpdateInventoryQuery = z.strictObject({
  dryRun: z
    .enum(["true", "false"])
    .transform((value) => value === "true")
    .optional()
    .describe("Answers what would be, and keeps nothing"),
});

export const UpdateInventory = z.strictObject({
  ...UpdateInventoryBody.shape,
  ...UpdateInventoryQuery.shape,
  id: slug,
  resourceClass,
  ifMatch: z.int().optional(),
});
export type InventoryChange = Pick<
  z.infer<typeof UpdateInventory>,
  "total" | "reserved" | "minUnit" | "maxUnit" | "stepSize" | "allocationRatio"
>;

/** The trait of pools whose hardware and software are domestic (信创). */
export const XINCHUANG_TRAIT = "xinchuang";

/** What belongs to a pool and is kept elsewhere. */
interface BesidePool {
  readonly inventories: readonly InventoryRow[];
  readonly cases: readonly OverLimitRow[];
  /** Unfilled promises of today, by class. */
  readonly promised: ResourceVector;
}

export function poolOf({ pool, zone }: PoolRow, { inventories, cases, promised }: BesidePool): Pool {
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
    inventories: inventories.map((row) => inventoryOf(row, amountOf(promised, row.resourceClass))),
    overLimits: cases.map(overLimitView),
    generation: pool.generation,
  };
}

export function zoneOf({ id, kind, nameZh, nameEn }: ZoneRow): z.infer<typeof Zone> {
  return { id, kind, name: { zh: nameZh, en: nameEn } };
}

function inventoryOf(row: InventoryRow, promised: number): Inventory {
  const { resourceClass, total, reserved, minUnit, maxUnit, stepSize, used, held, frozen } = row;
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
    promised,
    free: frozen ? 0 : Math.max(0, capacity - used - held - promised),
    frozen,
  };
}
