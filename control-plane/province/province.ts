import {
  type CloudDocument,
  DOCUMENT_KINDS,
  type DocumentKind,
  type DocumentOf,
  type JurisdictionDocument,
  type OrganizationDocument,
  type PoolDocument,
  type PriceListDocument,
  type ProvinceDocument,
  type QuotaNodeDocument,
  type SystemDocument,
} from "./documents.ts";

/** A province as data: what a directory of documents says, or what the database holds, in the same form. */
export interface Province {
  readonly jurisdictions: readonly JurisdictionDocument[];
  readonly organizations: readonly OrganizationDocument[];
  readonly systems: readonly SystemDocument[];
  readonly clouds: readonly CloudDocument[];
  readonly pools: readonly PoolDocument[];
  readonly quotaNodes: readonly QuotaNodeDocument[];
  readonly priceLists: readonly PriceListDocument[];
}

/** Sorts documents into their kinds; within a kind their order is kept. */
export function provinceOf(documents: Iterable<ProvinceDocument>): Province {
  const all = [...documents];
  return {
    jurisdictions: ofKind(all, "Jurisdiction"),
    organizations: ofKind(all, "Organization"),
    systems: ofKind(all, "ApplicationSystem"),
    clouds: ofKind(all, "Cloud"),
    pools: ofKind(all, "Pool"),
    quotaNodes: ofKind(all, "QuotaNode"),
    priceLists: ofKind(all, "PriceList"),
  };
}

export function documentsOf(province: Province): ProvinceDocument[] {
  return [
    ...province.jurisdictions,
    ...province.organizations,
    ...province.systems,
    ...province.clouds,
    ...province.pools,
    ...province.quotaNodes,
    ...province.priceLists,
  ];
}

export function ofKind<Kind extends DocumentKind>(
  documents: readonly ProvinceDocument[],
  kind: Kind,
): DocumentOf<Kind>[] {
  return documents.filter((document): document is DocumentOf<Kind> => document.kind === kind);
}

/** Names a document inside a province: ids are unique within a kind only. */
export function keyOf(document: ProvinceDocument): string {
  return referenceKey(document.kind, document.metadata.id);
}

export function referenceKey(kind: DocumentKind, id: string): string {
  return `${kind} ${id}`;
}

export function rankOf(kind: DocumentKind): number {
  return DOCUMENT_KINDS.indexOf(kind);
}

/** How many of each kind, and the clouds by tier: the 1, M and N of the topology. */
export function countsOf(province: Province) {
  const tier = (name: CloudDocument["spec"]["tier"]) =>
    province.clouds.filter((cloud) => cloud.spec.tier === name).length;
  return {
    jurisdictions: province.jurisdictions.length,
    organizations: province.organizations.length,
    systems: province.systems.length,
    clouds: province.clouds.length,
    provincialClouds: tier("provincial"),
    municipalClouds: tier("municipal"),
    industryClouds: tier("industry"),
    zones: province.clouds.reduce((sum, cloud) => sum + cloud.spec.zones.length, 0),
    pools: province.pools.length,
    quotaNodes: province.quotaNodes.length,
    priceLists: province.priceLists.length,
  };
}
