import { type CloudId, knownId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceClass, type ResourceVector, vectorOf } from "../kernel/quantity.ts";
import type { PlacementFacts, RequestFacts } from "../policy/facts.ts";
import { chainOf, deriveTree, type QuotaLimit, type QuotaNode } from "../quota/tree.ts";
import type { Denial, Judge, Verdict } from "./judge.ts";
import type {
  Inventories,
  PlacementSnapshot,
  SnapshotCloud,
  SnapshotInventory,
  SnapshotPool,
} from "./snapshot.ts";

/** Small worlds for the tests of this folder; every default is generous, so that a test names what is scarce. */
const PLENTY: SnapshotInventory = {
  total: 1000,
  reserved: 200,
  allocationRatioMilli: 1000,
  minUnit: 1,
  maxUnit: 1000,
  stepSize: 1,
  used: 0,
  held: 0,
};

export function inventoriesOf(
  each: Partial<Record<ResourceClass, Partial<SnapshotInventory>>> = {},
): Inventories {
  return Object.fromEntries(RESOURCE_CLASSES.map((name) => [name, { ...PLENTY, ...each[name] }]));
}

export interface CloudInput {
  readonly id: string;
  readonly tier?: SnapshotCloud["facts"]["tier"];
  readonly jurisdiction?: string;
  readonly sector?: string;
  readonly mlpsLevel?: number;
  readonly status?: SnapshotCloud["status"];
  readonly stale?: boolean;
  readonly outdated?: NonNullable<SnapshotCloud["outdated"]>;
  readonly supports?: NonNullable<SnapshotCloud["supports"]>;
}

function cloudOf(input: CloudInput): Omit<SnapshotCloud, "quotaChain"> {
  const { id, tier = "municipal", jurisdiction = "440100", sector = "", mlpsLevel = 3 } = input;
  return {
    id: knownId<CloudId>(id),
    name: { zh: `云${id}`, en: `Cloud ${id}` },
    status: input.status ?? "active",
    stale: input.stale ?? false,
    ...(input.outdated === undefined ? {} : { outdated: input.outdated }),
    ...(input.supports === undefined ? {} : { supports: input.supports }),
    facts: {
      id,
      tier,
      jurisdiction,
      country: "CN",
      operationsCountry: "CN",
      sector,
      mlpsLevel,
      operatingModel: "integrated",
      securityAssessmentValidUntil: "2030-01-01",
      cryptoAssessmentValidUntil: "2030-01-01",
    },
  };
}

export interface PoolInput {
  readonly id: string;
  readonly cloud: string;
  readonly zone?: SnapshotPool["facts"]["zone"];
  readonly architecture?: string;
  readonly xinchuang?: boolean;
  readonly traits?: string[];
  readonly faultDomain?: string;
  readonly status?: SnapshotPool["status"];
  readonly inventories?: Inventories;
}

function poolOf(input: PoolInput): SnapshotPool {
  const { id, cloud, zone = "extranet", architecture = "kunpeng" } = input;
  return {
    id: knownId<PoolId>(id),
    cloudId: knownId<CloudId>(cloud),
    name: { zh: `池${id}`, en: `Pool ${id}` },
    status: input.status ?? "active",
    faultDomain: input.faultDomain ?? "",
    facts: {
      id,
      zone,
      architecture,
      xinchuang: input.xinchuang ?? architecture !== "intel",
      mlpsLevel: 3,
      dedicated: false,
      tenantIsolation: true,
      encryption: true,
      faultDomains: 1,
      traits: input.traits ?? [],
    },
    inventories: input.inventories ?? inventoriesOf(),
  };
}

const UNLIMITED: QuotaLimit = { nominal: 0, borrowingLimit: null, lendingLimit: null };

export function limitsOf(limit: Partial<QuotaLimit>): QuotaNode["limits"] {
  return Object.fromEntries(RESOURCE_CLASSES.map((name) => [name, { ...UNLIMITED, ...limit }]));
}

export interface WorldInput {
  readonly clouds: readonly CloudInput[];
  readonly pools: readonly PoolInput[];
  /** Limits of the root `province`, of `<cloud>` and of `<cloud>/dept`; the root has plenty by default. */
  readonly limits?: Readonly<Record<string, QuotaNode["limits"]>>;
  readonly claimed?: Readonly<Record<string, ResourceVector>>;
  readonly withoutQuota?: readonly string[];
  readonly organization?: Partial<PlacementSnapshot["organization"]>;
}

/** The quota tree of a world: province, cloud, department. */
export function quotaNodesOf({ clouds, limits = {}, claimed = {} }: WorldInput): QuotaNode[] {
  const node = (name: string, parent: string | null, level: QuotaNode["level"]): QuotaNode => ({
    id: knownId<QuotaNodeId>(name),
    parentId: parent === null ? null : knownId<QuotaNodeId>(parent),
    level,
    limits: limits[name] ?? (parent === null ? limitsOf({ nominal: 100_000 }) : limitsOf({})),
    claimed: claimed[name] ?? {},
  });
  return [
    node("province", null, "province"),
    ...clouds.flatMap(({ id }) => [node(id, "province", "cloud"), node(`${id}/dept`, id, "department")]),
  ];
}

export function snapshotOf(input: WorldInput): PlacementSnapshot {
  const tree = deriveTree(quotaNodesOf(input));
  return {
    today: "2026-12-01",
    organization: {
      id: "gz-bureau",
      kind: "department",
      level: "city",
      jurisdiction: "440100",
      sector: "health",
      ...input.organization,
    },
    clouds: input.clouds.map((cloud) => ({
      ...cloudOf(cloud),
      quotaChain: input.withoutQuota?.includes(cloud.id)
        ? null
        : chainOf(tree, knownId<QuotaNodeId>(`${cloud.id}/dept`)),
    })),
    pools: input.pools.map(poolOf),
    jurisdictions: new Map([
      ["440100", { latitude: 23.1292, longitude: 113.2644 }],
      ["440300", { latitude: 22.5431, longitude: 114.0579 }],
      ["440800", { latitude: 21.2707, longitude: 110.3594 }],
    ]),
  };
}

export interface RequestInput {
  readonly kind?: RequestFacts["kind"];
  readonly zones?: string[];
  readonly resources?: ResourceVector;
  readonly requirements?: Partial<RequestFacts["requirements"]>;
  readonly recovery?: Partial<RequestFacts["recovery"]>;
  readonly instances?: RequestFacts["instances"];
}

export function requestOf(input: RequestInput = {}): RequestFacts {
  const resources = input.resources ?? { VCPU: 16, MEMORY_GIB: 64 };
  const zeroes = RESOURCE_CLASSES.map((name) => [name, 0] as const);
  return {
    kind: input.kind ?? "create",
    environment: "production",
    purpose: "",
    projectApprovalNo: "",
    system: { id: "sys", name: "System", mlpsLevel: 2, dataClass: "general", filingNo: "" },
    network: { zones: input.zones ?? ["extranet"], internetExposed: false },
    requirements: {
      xinchuang: false,
      architectures: [],
      cloudIds: [],
      forbiddenTraits: [],
      ...input.requirements,
    },
    resources: complete({ ...vectorOf(zeroes), ...resources }),
    instances: input.instances ?? [],
    recovery: { class: "none", rtoMinutes: 0, rpoMinutes: 0, pairJurisdiction: "", ...input.recovery },
    capabilities: { reuse: [], exemptions: [] },
    term: { start: "2026-12-01", end: "2027-11-30", days: 365 },
  };
}

function complete(vector: ResourceVector): Record<ResourceClass, number> {
  const { VCPU = 0, MEMORY_GIB = 0, BLOCK_STORAGE_GIB = 0, OBJECT_STORAGE_GIB = 0 } = vector;
  const { PUBLIC_IPV4 = 0, BANDWIDTH_MBPS = 0, GPU = 0 } = vector;
  return { VCPU, MEMORY_GIB, BLOCK_STORAGE_GIB, OBJECT_STORAGE_GIB, PUBLIC_IPV4, BANDWIDTH_MBPS, GPU };
}

export const permissive: Judge<Verdict> = () => ({ denied: [] });

function denial(ruleId: string, actual: unknown, required: unknown): Denial {
  return { policyId: `test-${ruleId}`, ruleId, message: { zh: ruleId, en: ruleId }, actual, required };
}

/** A few rules as the province has them: level, distance of the copy, reserve, and the arithmetic. */
export function strict({ request, cloud, pool, recovery, fit }: PlacementFacts): Verdict {
  const denied: Denial[] = [];
  if (cloud.mlpsLevel < request.system.mlpsLevel) {
    denied.push(denial("P1", cloud.mlpsLevel, request.system.mlpsLevel));
  }
  if (request.recovery.class === "remote" && recovery.distanceKm < 100) {
    denied.push(denial("P10", recovery.distanceKm, 100));
  }
  if (request.resources.VCPU > 40 && pool.reservePercent < 20) {
    denied.push(denial("P11", pool.reservePercent, 20));
  }
  if (!fit.capacity) denied.push(denial("P11-fit", false, true));
  if (!fit.quota) denied.push(denial("P14", false, true));
  return { denied };
}
