import fc from "fast-check";
import { type CloudId, knownId, type OrganizationId, type QuotaNodeId } from "../kernel/ids.ts";
import type {
  CloudDocument,
  JurisdictionDocument,
  OrganizationDocument,
  PoolDocument,
  QuotaNodeDocument,
  SystemDocument,
} from "./documents.ts";
import type { Province } from "./province.ts";

const ORGANIZATIONS = ["a", "b", "c", "d", "e"] as const;
const CLOUDS = ["c1", "c2", "c3"] as const;

/** A rooted forest: each entry stands below an earlier one of a shuffled list, or at the top. */
const anyForest = <Name extends string>(names: readonly Name[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...names], { minLength: 1 }),
      fc.array(fc.nat(), { minLength: names.length, maxLength: names.length }),
    )
    .map(
      ([order, picks]) =>
        new Map<Name, Name | null>(
          order.map((name, index) => {
            const above = (picks[index] ?? 0) % (index + 1);
            return [name, above === index ? null : (order[above] ?? null)];
          }),
        ),
    );

const anyLimit = fc.record({
  nominal: fc.nat(40),
  borrowingLimit: fc.option(fc.nat(50)),
  lendingLimit: fc.constantFrom(null, 0),
});

const anyLimits = fc.record({ VCPU: anyLimit, GPU: anyLimit }, { requiredKeys: [] });

const anyCloud = fc.record({
  separated: fc.boolean(),
  secondZone: fc.boolean(),
  poolInSecondZone: fc.boolean(),
  extraClass: fc.boolean(),
  total: fc.integer({ min: 1000, max: 9000 }),
  limits: anyLimits,
  departments: anyForest(ORGANIZATIONS),
});

/** Small provinces that satisfy every check, over a few ids, so that any two have much in common. */
export const anyProvince: fc.Arbitrary<Province> = fc
  .record({
    organizations: anyForest(ORGANIZATIONS),
    clouds: fc.dictionary(fc.constantFrom(...CLOUDS), anyCloud, { minKeys: 1, maxKeys: CLOUDS.length }),
    provincial: fc.constantFrom(...CLOUDS),
    systemOwner: fc.nat(),
    limit: anyLimit,
    fen: fc.nat(100),
  })
  .map(({ organizations, clouds, provincial, systemOwner, limit, fen }) => {
    const owners = [...organizations.keys()];
    const owner = owners[systemOwner % owners.length] ?? "csp";
    const parts = Object.entries(clouds).map(([id, cloud]) => ({ id, cloud }));
    return {
      jurisdictions: [place("440000", null), place("440300", "440000")],
      organizations: [
        organization("csp", null),
        ...[...organizations].map(([id, parent]) => organization(id, parent)),
      ],
      systems: [system("system", owner)],
      clouds: parts.map(({ id, cloud }) => cloudOf(id, cloud, id === provincial)),
      pools: parts.map(({ id, cloud }) => poolOf(id, cloud)),
      quotaNodes: [
        node("gd", null, "province", null, null, {}),
        ...parts.flatMap(({ id, cloud }) => [
          node(`gd.${id}`, "gd", "cloud", id, null, cloud.limits),
          ...[...cloud.departments]
            .filter(([name]) => organizations.has(name))
            .map(([name, above]) => {
              const parent = above !== null && organizations.has(above) ? `gd.${id}.${above}` : `gd.${id}`;
              return node(`gd.${id}.${name}`, parent, "department", id, name, { VCPU: limit });
            }),
        ]),
      ],
      priceLists: [
        {
          kind: "PriceList",
          metadata: { id: knownId("prices"), name: name("prices") },
          spec: {
            effectiveFrom: "2026-01-01",
            currency: "CNY",
            fenPerUnitMonth: {
              VCPU: fen,
              MEMORY_GIB: 1,
              BLOCK_STORAGE_GIB: 1,
              OBJECT_STORAGE_GIB: 1,
              PUBLIC_IPV4: 1,
              BANDWIDTH_MBPS: 1,
              GPU: 1,
            },
          },
        },
      ],
    };
  });

type AnyCloud = typeof anyCloud extends fc.Arbitrary<infer Value> ? Value : never;

function name(id: string) {
  return { zh: `名称 ${id}`, en: `Name ${id}` };
}

function place(id: string, parent: string | null): JurisdictionDocument {
  const level = parent === null ? "province" : "city";
  return {
    kind: "Jurisdiction",
    metadata: { id, name: name(id) },
    spec: { level, parent, latitude: 23.1291, longitude: -0.5 },
  };
}

function organization(id: string, parent: string | null): OrganizationDocument {
  return {
    kind: "Organization",
    metadata: { id: knownId(id), name: name(id) },
    spec: {
      parent: parent === null ? null : knownId<OrganizationId>(parent),
      kind: id === "csp" ? "csp" : "department",
      level: "province",
      jurisdiction: "440000",
      sector: id === "a" ? "health" : null,
    },
  };
}

function system(id: string, owner: string): SystemDocument {
  return {
    kind: "ApplicationSystem",
    metadata: { id: knownId(id), name: name(id) },
    spec: { organization: knownId(owner), mlpsLevel: 2, dataClass: "general", filingNo: null },
  };
}

function cloudOf(id: string, cloud: AnyCloud, provincial: boolean): CloudDocument {
  const zones = cloud.secondZone ? [`${id}-one`, `${id}-two`] : [`${id}-one`];
  return {
    kind: "Cloud",
    metadata: { id: knownId(id), name: name(id) },
    spec: {
      tier: provincial ? "provincial" : "municipal",
      jurisdiction: "440300",
      sector: null,
      csp: knownId("csp"),
      country: "CN",
      operationsCountry: "CN",
      mlpsLevel: 3,
      operatingModel: cloud.separated ? "separated" : "integrated",
      securityAssessmentValidUntil: cloud.separated ? "2028-06-30" : null,
      cryptoAssessmentValidUntil: null,
      drift: { changed: cloud.separated ? "report" : "repair", lost: "recreate" },
      capacity: cloud.secondZone ? "adopt" : "report",
      provider: { kind: "simulated", connection: { region: id, port: cloud.total, tls: cloud.separated } },
      zones: zones.map((zone) => ({ id: knownId(zone), kind: "extranet", name: name(zone) })),
    },
  };
}

function poolOf(id: string, cloud: AnyCloud): PoolDocument {
  const stock = (total: number) => ({
    total,
    reserved: 1,
    minUnit: 1,
    maxUnit: 64,
    stepSize: 1,
    allocationRatioMilli: 1500,
  });
  return {
    kind: "Pool",
    metadata: { id: knownId(`${id}-pool`), name: name(id) },
    spec: {
      cloud: knownId(id),
      zone: knownId(cloud.secondZone && cloud.poolInSecondZone ? `${id}-two` : `${id}-one`),
      architecture: "kunpeng",
      mlpsLevel: 3,
      dedicated: false,
      tenantIsolation: true,
      encryption: cloud.separated,
      faultDomains: 3,
      traits: cloud.separated ? ["xinchuang", "cpu:kunpeng"] : [],
      inventories: {
        VCPU: stock(cloud.total),
        GPU: stock(cloud.total),
        ...(cloud.extraClass ? { PUBLIC_IPV4: stock(10) } : {}),
      },
    },
  };
}

function node(
  id: string,
  parent: string | null,
  kind: QuotaNodeDocument["spec"]["kind"],
  cloud: string | null,
  holder: string | null,
  limits: QuotaNodeDocument["spec"]["limits"],
): QuotaNodeDocument {
  return {
    kind: "QuotaNode",
    metadata: { id: knownId(id), name: name(id) },
    spec: {
      parent: parent === null ? null : knownId<QuotaNodeId>(parent),
      kind,
      cloud: cloud === null ? null : knownId<CloudId>(cloud),
      organization: holder === null ? null : knownId<OrganizationId>(holder),
      limits,
    },
  };
}
