import type { DocumentKind, ProvinceDocument } from "./documents.ts";

export type DocumentPath = readonly (string | number)[];

interface Reference {
  readonly path: DocumentPath;
  readonly kind: DocumentKind;
  readonly id: string;
}

function to(kind: DocumentKind, field: string, id: string | null): Reference[] {
  return id === null ? [] : [{ path: ["spec", field], kind, id }];
}

/** The other documents that a document names, with the field that names them. */
export function referencesOf(document: ProvinceDocument): Reference[] {
  switch (document.kind) {
    case "Jurisdiction":
      return to("Jurisdiction", "parent", document.spec.parent);
    case "Organization":
      return [
        ...to("Organization", "parent", document.spec.parent),
        ...to("Jurisdiction", "jurisdiction", document.spec.jurisdiction),
      ];
    case "ApplicationSystem":
      return to("Organization", "organization", document.spec.organization);
    case "Cloud":
      return [
        ...to("Jurisdiction", "jurisdiction", document.spec.jurisdiction),
        ...to("Organization", "csp", document.spec.csp),
      ];
    case "Pool":
      return to("Cloud", "cloud", document.spec.cloud);
    case "QuotaNode":
      return [
        ...to("QuotaNode", "parent", document.spec.parent),
        ...to("Cloud", "cloud", document.spec.cloud),
        ...to("Organization", "organization", document.spec.organization),
      ];
    case "PriceList":
      return [];
  }
}

/** The document of the same kind above this one; no kind names its own kind for another reason. */
export function parentOf(document: ProvinceDocument): Reference | null {
  return referencesOf(document).find(({ kind }) => kind === document.kind) ?? null;
}
