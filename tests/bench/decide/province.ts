import { type CloudId, knownId, type PoolId, type QuotaNodeId } from "../../../control-plane/kernel/ids.ts";
import { RESOURCE_CLASSES } from "../../../control-plane/kernel/quantity.ts";
import type {
  Inventories,
  PlacementSnapshot,
  SnapshotCloud,
  SnapshotPool,
  Zone,
} from "../../../control-plane/placement/snapshot.ts";
import { chainOf, deriveTree, type QuotaLimit, type QuotaNode } from "../../../control-plane/quota/tree.ts";

/** How a made-up province is cut: so many pools on so many clouds. */
export interface Shape {
  readonly clouds: number;
  readonly pools: number;
}

const CITIES = 21;
const SECTORS = ["health", "education", "transport", "taxation", "water", "justice", "agriculture", "police"];
const ZONES: readonly Zone[] = ["extranet", "extranet", "internet", "dedicated"];
const ARCHITECTURES = ["kunpeng", "hygon", "phytium", "intel"];

/** A province as 1+M+N has it: one provincial cloud, two thirds of the others of cities, the rest of sectors. */
export function provinceOf({ clouds: cloudCount, pools: poolCount }: Shape): PlacementSnapshot {
  const bare = Array.from({ length: cloudCount }, (_, at) => cloudOf(at));
  const tree = deriveTree(quotaOf(bare));
  const chainFor = (id: string) => chainOf(tree, knownId<QuotaNodeId>(`${id}/dept`));
  const [first] = bare;
  if (first === undefined) throw new RangeError("a province has at least one cloud");
  return {
    today: "2026-11-20",
    organization: {
      id: "city-01-health",
      path: ["province", "city-01", "city-01-health"],
      kind: "department",
      level: "city",
      jurisdiction: "440100",
      sector: "health",
    },
    clouds: bare.map((cloud) => ({ ...cloud, quotaChain: chainFor(cloud.id) })),
    pools: Array.from({ length: poolCount }, (_, at) => {
      const cloud = bare[at % cloudCount] ?? first;
      return poolOf(cloud, Math.floor(at / cloudCount), at);
    }),
    jurisdictions: new Map(
      Array.from({ length: CITIES }, (_, at) => [
        jurisdictionOf(at),
        { latitude: 21.2 + (at % 7) * 0.6, longitude: 110.3 + Math.floor(at / 7) * 2.1 },
      ]),
    ),
  };
}

function jurisdictionOf(city: number): string {
  return `44${String(city + 1).padStart(2, "0")}00`;
}

function cloudOf(at: number): Omit<SnapshotCloud, "quotaChain"> {
  const tier = at === 0 ? "provincial" : at % 3 === 2 ? "industry" : "municipal";
  const id = `${tier}-${String(at).padStart(4, "0")}`;
  return {
    id: knownId<CloudId>(id),
    name: { zh: `云${at}`, en: `Cloud ${at}` },
    status: at % 50 === 49 ? "suspended" : "active",
    stale: false,
    facts: {
      id,
      tier,
      jurisdiction: tier === "municipal" ? jurisdictionOf(at % CITIES) : "440100",
      country: "CN",
      operationsCountry: "CN",
      sector: tier === "industry" ? (SECTORS[at % SECTORS.length] ?? "") : "",
      mlpsLevel: at % 9 === 8 ? 2 : 3,
      operatingModel: at % 2 === 0 ? "separated" : "integrated",
      securityAssessmentValidUntil: "2028-03-31",
      cryptoAssessmentValidUntil: "2029-06-30",
    },
  };
}

/** Every pool differs in what it has left, and a few dozen kinds of pools differ in what rules ask for. */
function poolOf({ id: cloudId }: { id: CloudId }, place: number, at: number): SnapshotPool {
  const zone = ZONES[place % ZONES.length] ?? "extranet";
  const architecture = ARCHITECTURES[Math.floor(place / ZONES.length) % ARCHITECTURES.length] ?? "kunpeng";
  const mlpsLevel = place % 3 === 2 ? 2 : 3;
  const id = `${cloudId}-${zone}-${architecture}-l${mlpsLevel}-${String(place).padStart(4, "0")}`;
  const xinchuang = architecture !== "intel";
  return {
    id: knownId<PoolId>(id),
    cloudId,
    name: { zh: `资源池${at}`, en: `Pool ${at}` },
    status: at % 40 === 39 ? "suspended" : "active",
    faultDomain: "",
    facts: {
      id,
      zone,
      architecture,
      xinchuang,
      mlpsLevel,
      dedicated: place % 7 === 6,
      tenantIsolation: place % 11 !== 10,
      encryption: place % 5 !== 4,
      faultDomains: place % 13 === 12 ? 1 : 3,
      traits: [`cpu:${architecture}`, ...(xinchuang ? ["xinchuang"] : []), "storage:ssd"],
    },
    inventories: inventoriesOf(at),
  };
}

function inventoriesOf(at: number): Inventories {
  return Object.fromEntries(
    RESOURCE_CLASSES.map((name, rank) => [
      name,
      {
        total: 4000,
        reserved: 800 + (at % 4) * 100,
        allocationRatioMilli: name === "VCPU" ? 1500 : 1000,
        minUnit: 1,
        maxUnit: 2000,
        stepSize: 1,
        used: ((at * 7919 + rank * 131) % 2900) + 100,
        held: (at * 31) % 60,
      },
    ]),
  );
}

function quotaOf(clouds: readonly { readonly id: CloudId }[]): QuotaNode[] {
  const node = (
    id: string,
    parent: string | null,
    level: QuotaNode["level"],
    limit: QuotaLimit,
  ): QuotaNode => ({
    id: knownId<QuotaNodeId>(id),
    parentId: parent === null ? null : knownId<QuotaNodeId>(parent),
    level,
    limits: Object.fromEntries(RESOURCE_CLASSES.map((name) => [name, limit])),
    claimed: level === "department" ? Object.fromEntries(RESOURCE_CLASSES.map((name) => [name, 150])) : {},
  });
  const own = { nominal: 1200, borrowingLimit: 800, lendingLimit: 300 };
  return [
    node("province", null, "province", { nominal: 100_000_000, borrowingLimit: null, lendingLimit: null }),
    ...clouds.flatMap(({ id }) => [
      node(id, "province", "cloud", { nominal: 20_000, borrowingLimit: 5_000, lendingLimit: null }),
      node(`${id}/dept`, id, "department", own),
    ]),
  ];
}
