import type { organizations, systems } from "../db/schema/organizations.ts";
import type { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import type { clouds, inventories, jurisdictions, pools, priceLists, zones } from "../db/schema/topology.ts";
import { knownId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import type {
  CloudDocument,
  JurisdictionDocument,
  OrganizationDocument,
  PoolDocument,
  PriceListDocument,
  QuotaNodeDocument,
  SystemDocument,
} from "./documents.ts";

/** Both directions between a document and its rows. Columns without a field are not mentioned and so are kept. */

type LimitRow = Pick<
  typeof quotaLimits.$inferSelect,
  "nodeId" | "resourceClass" | "nominal" | "borrowingLimit" | "lendingLimit"
>;

/** What a class that a document does not list means: the node has none and gets none. */
const UNLISTED = { nominal: 0, borrowingLimit: 0, lendingLimit: null } as const;

export function jurisdictionRow({ metadata, spec }: JurisdictionDocument): typeof jurisdictions.$inferInsert {
  const { level, parent, latitude, longitude } = spec;
  return { code: metadata.id, ...namesOf(metadata), level, parentCode: parent, latitude, longitude };
}

export function jurisdictionDocument(row: typeof jurisdictions.$inferSelect): JurisdictionDocument {
  const { code, level, parentCode, latitude, longitude } = row;
  return {
    kind: "Jurisdiction",
    metadata: { id: code, name: nameOf(row) },
    spec: { level, parent: parentCode, latitude, longitude },
  };
}

export function organizationRow({ metadata, spec }: OrganizationDocument): typeof organizations.$inferInsert {
  const { parent, kind, level, jurisdiction, sector } = spec;
  return {
    id: metadata.id,
    ...namesOf(metadata),
    parentId: parent,
    kind,
    level,
    jurisdictionCode: jurisdiction,
    sector: sector ?? "",
  };
}

export function organizationDocument(row: typeof organizations.$inferSelect): OrganizationDocument {
  return {
    kind: "Organization",
    metadata: { id: row.id, name: nameOf(row) },
    spec: {
      parent: row.parentId,
      kind: written(row.kind),
      level: row.level,
      jurisdiction: row.jurisdictionCode,
      sector: orNull(row.sector),
    },
  };
}

export function systemRow({ metadata, spec }: SystemDocument): typeof systems.$inferInsert {
  const { organization, mlpsLevel, dataClass, filingNo } = spec;
  const { zh: name, en: nameEn } = metadata.name;
  return { id: metadata.id, name, nameEn, organizationId: organization, mlpsLevel, dataClass, filingNo };
}

export function systemDocument(row: typeof systems.$inferSelect): SystemDocument {
  const { id, name, nameEn, organizationId, mlpsLevel, dataClass, filingNo } = row;
  return {
    kind: "ApplicationSystem",
    metadata: { id, name: { zh: name, en: nameEn } },
    spec: { organization: organizationId, mlpsLevel, dataClass, filingNo },
  };
}

export function cloudRow({ metadata, spec }: CloudDocument): typeof clouds.$inferInsert {
  const { jurisdiction, sector, provider, drift, capacity, zones: _separate, ...same } = spec;
  return {
    id: metadata.id,
    ...namesOf(metadata),
    ...same,
    jurisdictionCode: jurisdiction,
    sector: sector ?? "",
    onDrift: drift.changed,
    onLoss: drift.lost,
    onCapacity: capacity,
    providerKind: provider.kind,
    connection: provider.connection,
  };
}

export function zoneRows({ metadata, spec }: CloudDocument): (typeof zones.$inferInsert)[] {
  return spec.zones.map(({ id, kind, name }) => ({
    id,
    cloudId: metadata.id,
    kind,
    nameZh: name.zh,
    nameEn: name.en,
  }));
}

export function cloudDocument(
  row: typeof clouds.$inferSelect,
  zonesOfCloud: readonly (typeof zones.$inferSelect)[],
): CloudDocument {
  return {
    kind: "Cloud",
    metadata: { id: row.id, name: nameOf(row) },
    spec: {
      tier: row.tier,
      jurisdiction: row.jurisdictionCode,
      sector: orNull(row.sector),
      csp: knownId(row.csp),
      country: row.country,
      operationsCountry: row.operationsCountry,
      mlpsLevel: row.mlpsLevel,
      operatingModel: row.operatingModel,
      securityAssessmentValidUntil: row.securityAssessmentValidUntil,
      cryptoAssessmentValidUntil: row.cryptoAssessmentValidUntil,
      drift: { changed: row.onDrift, lost: row.onLoss },
      capacity: row.onCapacity,
      provider: { kind: row.providerKind, connection: asConnection(row.connection) },
      zones: zonesOfCloud.map((zone) => ({ id: zone.id, kind: zone.kind, name: nameOf(zone) })),
    },
  };
}

export function poolRow({ metadata, spec }: PoolDocument): typeof pools.$inferInsert {
  const { cloud, zone, inventories: _separate, ...same } = spec;
  return { id: metadata.id, ...namesOf(metadata), ...same, cloudId: cloud, zoneId: zone };
}

export function inventoryRows({ metadata, spec }: PoolDocument): (typeof inventories.$inferInsert)[] {
  return RESOURCE_CLASSES.flatMap((resourceClass) => {
    const row = spec.inventories[resourceClass];
    return row === undefined ? [] : [{ poolId: metadata.id, resourceClass, cloudId: spec.cloud, ...row }];
  });
}

export function poolDocument(
  row: typeof pools.$inferSelect,
  stock: readonly (typeof inventories.$inferSelect)[],
): PoolDocument {
  return {
    kind: "Pool",
    metadata: { id: row.id, name: nameOf(row) },
    spec: {
      cloud: row.cloudId,
      zone: row.zoneId,
      architecture: written(row.architecture),
      mlpsLevel: row.mlpsLevel,
      dedicated: row.dedicated,
      tenantIsolation: row.tenantIsolation,
      encryption: row.encryption,
      faultDomains: row.faultDomains,
      traits: row.traits,
      inventories: Object.fromEntries(
        stock.map(({ resourceClass, total, reserved, minUnit, maxUnit, stepSize, allocationRatioMilli }) => [
          resourceClass,
          { total, reserved, minUnit, maxUnit, stepSize, allocationRatioMilli },
        ]),
      ),
    },
  };
}

export function quotaNodeRow({ metadata, spec }: QuotaNodeDocument): typeof quotaNodes.$inferInsert {
  const { parent, kind, cloud, organization } = spec;
  return {
    id: metadata.id,
    ...namesOf(metadata),
    parentId: parent,
    kind,
    cloudId: cloud,
    organizationId: organization,
  };
}

/** One row for every class, so that every counter has its place. */
export function limitRows({ metadata, spec }: QuotaNodeDocument): LimitRow[] {
  return RESOURCE_CLASSES.map((resourceClass) => ({
    nodeId: metadata.id,
    resourceClass,
    ...(spec.limits[resourceClass] ?? UNLISTED),
  }));
}

export function quotaNodeDocument(
  row: typeof quotaNodes.$inferSelect,
  limits: readonly LimitRow[],
): QuotaNodeDocument {
  return canonicalNode({
    kind: "QuotaNode",
    metadata: { id: row.id, name: nameOf(row) },
    spec: {
      parent: row.parentId,
      kind: row.kind,
      cloud: row.cloudId,
      organization: row.organizationId,
      limits: Object.fromEntries(
        limits.map(({ resourceClass, nominal, borrowingLimit, lendingLimit }) => [
          resourceClass,
          { nominal, borrowingLimit, lendingLimit },
        ]),
      ),
    },
  });
}

/** The same node without limits that say no more than leaving them out: the database cannot tell them apart. */
export function canonicalNode(document: QuotaNodeDocument): QuotaNodeDocument {
  const limits = Object.entries(document.spec.limits).filter(
    ([, limit]) =>
      limit.nominal !== UNLISTED.nominal ||
      limit.borrowingLimit !== UNLISTED.borrowingLimit ||
      limit.lendingLimit !== UNLISTED.lendingLimit,
  );
  return { ...document, spec: { ...document.spec, limits: Object.fromEntries(limits) } };
}

export function priceListRow({ metadata, spec }: PriceListDocument): typeof priceLists.$inferInsert {
  const { effectiveFrom, fenPerUnitMonth } = spec;
  return { id: metadata.id, ...namesOf(metadata), effectiveFrom, fenPerUnitMonth };
}

export function priceListDocument(row: typeof priceLists.$inferSelect): PriceListDocument {
  const { id, effectiveFrom, fenPerUnitMonth } = row;
  return {
    kind: "PriceList",
    metadata: { id: knownId(id), name: nameOf(row) },
    spec: { effectiveFrom, currency: "CNY", fenPerUnitMonth: asPrices(fenPerUnitMonth) },
  };
}

function namesOf({ name }: { readonly name: { readonly zh: string; readonly en: string } }) {
  return { nameZh: name.zh, nameEn: name.en };
}

function nameOf({ nameZh, nameEn }: { readonly nameZh: string; readonly nameEn: string }) {
  return { zh: nameZh, en: nameEn };
}

function orNull(sector: string): string | null {
  return sector === "" ? null : sector;
}

/** These columns are only ever written from validated documents, so that they hold one of the schema's words. */
function written<Word extends string>(value: string): Word {
  return value as Word;
}

function asConnection(value: Record<string, unknown>): CloudDocument["spec"]["provider"]["connection"] {
  return value as CloudDocument["spec"]["provider"]["connection"];
}

function asPrices(value: Record<string, number>): PriceListDocument["spec"]["fenPerUnitMonth"] {
  return value as PriceListDocument["spec"]["fenPerUnitMonth"];
}
