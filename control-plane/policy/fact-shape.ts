import type { AssessmentFacts } from "./facts.ts";

/** One of a closed list of words. */
interface Words {
  readonly oneOf: readonly string[];
}
export interface ObjectShape {
  readonly [field: string]: Shape;
}
/** The type of one fact as CEL sees it: a leaf, a list of one element type, or an object. */
export type Shape = "string" | "int" | "bool" | Words | readonly [Shape] | ObjectShape;

type ShapeOf<Fact> = [Fact] extends [string]
  ? string extends Fact
    ? "string"
    : { readonly oneOf: readonly Fact[] }
  : [Fact] extends [number]
    ? "int"
    : [Fact] extends [boolean]
      ? "bool"
      : Fact extends readonly (infer Element)[]
        ? readonly [ShapeOf<Element>]
        : { readonly [Field in keyof Fact]-?: ShapeOf<Fact[Field]> };

/** What is declared to CEL. `satisfies` makes a field that is missing, unknown or of another type a compile error. */
export const FACT_SHAPE = {
  today: "string",
  request: {
    kind: { oneOf: ["create", "resize", "renew", "release"] },
    tenancyId: "string",
    environment: { oneOf: ["production", "test", "development", "disaster_recovery"] },
    purpose: "string",
    projectApprovalNo: "string",
    system: {
      id: "string",
      name: "string",
      mlpsLevel: "int",
      dataClass: { oneOf: ["general", "important", "core", "secret"] },
      filingNo: "string",
    },
    network: { zones: ["string"], internetExposed: "bool" },
    requirements: {
      xinchuang: "bool",
      architectures: ["string"],
      cloudIds: ["string"],
      forbiddenTraits: ["string"],
    },
    resources: {
      VCPU: "int",
      MEMORY_GIB: "int",
      BLOCK_STORAGE_GIB: "int",
      OBJECT_STORAGE_GIB: "int",
      PUBLIC_IPV4: "int",
      BANDWIDTH_MBPS: "int",
      GPU: "int",
    },
    instances: [
      { name: "string", count: "int", vcpu: "int", memoryGiB: "int", diskGiB: "int", image: "string" },
    ],
    recovery: {
      class: { oneOf: ["none", "local", "same_city", "remote"] },
      rtoMinutes: "int",
      rpoMinutes: "int",
      pairJurisdiction: "string",
    },
    capabilities: {
      reuse: ["string"],
      exemptions: [{ capability: "string", reason: "string", expiresOn: "string" }],
    },
    term: { start: "string", end: "string", days: "int" },
  },
  organization: {
    id: "string",
    path: ["string"],
    kind: "string",
    level: { oneOf: ["province", "city", "county"] },
    jurisdiction: "string",
    sector: "string",
  },
  cloud: {
    id: "string",
    tier: { oneOf: ["provincial", "municipal", "industry"] },
    jurisdiction: "string",
    country: "string",
    operationsCountry: "string",
    sector: "string",
    mlpsLevel: "int",
    operatingModel: { oneOf: ["integrated", "separated"] },
    securityAssessmentValidUntil: "string",
    cryptoAssessmentValidUntil: "string",
  },
  pool: {
    id: "string",
    zone: { oneOf: ["internet", "extranet", "dedicated"] },
    architecture: "string",
    xinchuang: "bool",
    mlpsLevel: "int",
    dedicated: "bool",
    tenantIsolation: "bool",
    encryption: "bool",
    faultDomains: "int",
    traits: ["string"],
    reservePercent: "int",
  },
  recovery: {
    cloudId: "string",
    poolId: "string",
    jurisdiction: "string",
    country: "string",
    distanceKm: "int",
    mlpsLevel: "int",
  },
  part: { role: { oneOf: ["primary", "edge", "recovery"] } },
  fit: { capacity: "bool", quota: "bool" },
  site: {
    kind: "string",
    encryptedManagement: "bool",
    clientCertificate: "bool",
    reachable: "bool",
    daysSinceSync: "int",
    credentialAgeDays: "int",
    strays: "int",
    removalsWithoutReceipt: "int",
    pools: [
      {
        id: "string",
        zone: { oneOf: ["internet", "extranet", "dedicated"] },
        architecture: "string",
        xinchuang: "bool",
        mlpsLevel: "int",
        tenantIsolation: "bool",
        encryption: "bool",
        faultDomains: "int",
      },
    ],
  },
  resource: {
    kind: { oneOf: ["tenancy", "instance"] },
    name: "string",
    state: "string",
    isolated: "bool",
    zone: "string",
    marked: "bool",
    withinGrant: "bool",
    accessGroup: "string",
    image: "string",
    vcpu: "int",
    memoryGiB: "int",
    diskGiB: "int",
  },
} as const satisfies ShapeOf<AssessmentFacts>;

export type FactSection = keyof typeof FACT_SHAPE;

/** Which facts an expression may name, by the subject of its policy. */
export const SUBJECT_SECTIONS = {
  request: ["today", "request", "organization"],
  placement: ["today", "request", "organization", "cloud", "pool", "recovery", "part", "fit"],
  tenancy: ["today", "request", "organization", "cloud", "pool", "recovery", "part", "fit"],
  resource: ["today", "request", "organization", "cloud", "pool", "site", "resource"],
  cloud: ["today", "cloud", "site"],
  organization: ["today", "organization"],
} as const satisfies Record<string, readonly FactSection[]>;

export type Subject = keyof typeof SUBJECT_SECTIONS;

/** The facts each subject is judged by. */
export type SubjectFacts<Of extends Subject> = Pick<AssessmentFacts, (typeof SUBJECT_SECTIONS)[Of][number]>;

export function isWords(shape: Shape): shape is Words {
  return typeof shape === "object" && "oneOf" in shape;
}

export function isListShape(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
