import type { ResourceClass } from "../kernel/quantity.ts";

/**
 * The facts that a policy expression may read. Every field is always present, so that an expression
 * never needs a guard: an absent text is "", an absent number 0, an absent list empty, an absent date "".
 * Dates are `YYYY-MM-DD` in Chinese civil time, so that they compare as text.
 */
export interface RequestFacts {
  kind: "create" | "resize" | "renew" | "release";
  /** The tenancy that is changed or judged, "" for a new one. */
  tenancyId: string;
  environment: "production" | "test" | "development" | "disaster_recovery";
  purpose: string;
  projectApprovalNo: string;
  system: {
    id: string;
    name: string;
    mlpsLevel: number;
    dataClass: "general" | "important" | "core" | "secret";
    filingNo: string;
  };
  network: { zones: string[]; internetExposed: boolean };
  requirements: {
    xinchuang: boolean;
    architectures: string[];
    cloudIds: string[];
    forbiddenTraits: string[];
  };
  /** What the tenancy will hold when the request has been carried out. Every class is present. */
  resources: Record<ResourceClass, number>;
  instances: {
    name: string;
    count: number;
    vcpu: number;
    memoryGiB: number;
    diskGiB: number;
    image: string;
  }[];
  recovery: {
    class: "none" | "local" | "same_city" | "remote";
    rtoMinutes: number;
    rpoMinutes: number;
    pairJurisdiction: string;
  };
  capabilities: {
    reuse: string[];
    exemptions: { capability: string; reason: string; expiresOn: string }[];
  };
  term: { start: string; end: string; days: number };
}

export interface OrganizationFacts {
  id: string;
  /** The ids of those above it, from the root down, and at the end its own. */
  path: string[];
  kind: string;
  level: "province" | "city" | "county";
  /** GB/T 2260 code. */
  jurisdiction: string;
  sector: string;
}

export interface CloudFacts {
  id: string;
  tier: "provincial" | "municipal" | "industry";
  jurisdiction: string;
  country: string;
  operationsCountry: string;
  sector: string;
  mlpsLevel: number;
  operatingModel: "integrated" | "separated";
  /** Last valid day of the cloud computing service security assessment, "" without one. */
  securityAssessmentValidUntil: string;
  /** Last valid day of the cryptography assessment (密评), "" without one. */
  cryptoAssessmentValidUntil: string;
}

export interface PoolFacts {
  id: string;
  zone: "internet" | "extranet" | "dedicated";
  /** CPU family: kunpeng, phytium, hygon, zhaoxin, loongson, intel, amd. */
  architecture: string;
  xinchuang: boolean;
  mlpsLevel: number;
  /** True when no other organization shares the pool's hosts. */
  dedicated: boolean;
  /** True when tenants' networks are separated by the platform. */
  tenantIsolation: boolean;
  /** True when storage is encrypted under a key service that the tenant can control. */
  encryption: boolean;
  faultDomains: number;
  traits: string[];
  /** Smallest `reserved / total` over the requested classes, in whole per cent. */
  reservePercent: number;
}

/** Where the second copy would go; all empty when the request asks for none. */
export interface RecoveryFacts {
  cloudId: string;
  poolId: string;
  jurisdiction: string;
  country: string;
  distanceKm: number;
  mlpsLevel: number;
}

/** Outcome of the arithmetic that is done beside the policies, so that P11 and P14 have their say in one place. */
export interface FitFacts {
  capacity: boolean;
  quota: boolean;
}

/** Which part of the request would lie in the pool: rules about the way between two sites ask for the primary. */
export interface PartFacts {
  role: "primary" | "edge" | "recovery";
}

/**
 * One thing that a cloud holds, as it was seen last: what assessments judge, whatever was asked for.
 * A part of a tenancy (`tenancy`) or a machine in it (`instance`).
 */
export interface ResourceFacts {
  kind: "tenancy" | "instance";
  name: string;
  /** In the words of the port: active, suspended, stopped, error; "absent" where the cloud shows nothing. */
  state: string;
  /** True while the tenancy's network admits nothing that was not allowed. */
  isolated: boolean;
  /** Where the cloud says that it lies, "" where it does not say. */
  zone: string;
  /** Bears the ownership mark of its tenancy. */
  marked: boolean;
  /** A tenancy's quota at the cloud is no more than what was granted; true for an instance. */
  withinGrant: boolean;
  /** Group that has access at the cloud, "" where the cloud names none. */
  accessGroup: string;
  image: string;
  vcpu: number;
  memoryGiB: number;
  diskGiB: number;
}

/** One cloud as a whole, as the control plane is connected to it and has found it. */
export interface SiteFacts {
  /** Which adapter speaks to it, such as `openstack` or `kubernetes`. */
  kind: string;
  /** True when every address that it is called at begins with https: its certificate is then always checked. */
  encryptedManagement: boolean;
  /** True when the control plane proves who it is with a client certificate. */
  clientCertificate: boolean;
  reachable: boolean;
  /** Days since it was looked through as a whole; -1 where it never was. */
  daysSinceSync: number;
  /** Days since the credential was set; -1 where the control plane keeps none. */
  credentialAgeDays: number;
  /** Objects that nobody approved and about which nobody has decided yet. */
  strays: number;
  /** Parts of tenancies that were removed here without a certificate that their data is gone. */
  removalsWithoutReceipt: number;
  pools: {
    id: string;
    zone: PoolFacts["zone"];
    architecture: string;
    xinchuang: boolean;
    mlpsLevel: number;
    tenantIsolation: boolean;
    encryption: boolean;
    faultDomains: number;
  }[];
}

/** Everything one evaluation sees. `cloud` to `fit` exist for the subjects `placement` and `tenancy` only. */
export interface PlacementFacts {
  /** Today in China, `YYYY-MM-DD`. */
  today: string;
  request: RequestFacts;
  organization: OrganizationFacts;
  cloud: CloudFacts;
  pool: PoolFacts;
  recovery: RecoveryFacts;
  part: PartFacts;
  fit: FitFacts;
}

/** What an assessment may see: `resource` exists for the subject of that name, `site` for that and for `cloud`. */
export interface AssessmentFacts extends PlacementFacts {
  site: SiteFacts;
  resource: ResourceFacts;
}
