import { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import { clouds, inventories, jurisdictions, pools, zones } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import { type CloudId, knownId, type PoolId, type QuotaNodeId, type ZoneId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import type { HeldPart } from "./held-part.ts";
import { deriveTree, type QuotaLimit, type QuotaNode } from "./tree.ts";

const CLASSES = ["VCPU", "MEMORY_GIB"] as const;

/** Capacity of each pool, the same for both classes. */
export const POOL_CAPACITY = { "a-large": 100, "a-small": 12, "b-large": 80 } as const;
export type FixturePool = keyof typeof POOL_CAPACITY;

type NodeSpec = readonly [
  id: string,
  parentId: string | null,
  level: "province" | "cloud" | "department",
  ...number[],
];

/** Nominal, borrowing limit, lending limit; -1 stands for none. The same for both classes. */
const NODES: readonly NodeSpec[] = [
  ["gd", null, "province", 20, -1, -1],
  ["gd.a", "gd", "cloud", 10, 20, 30],
  // Keeps 20 of its 30 to itself.
  ["gd.a.x", "gd.a", "department", 30, -1, 10],
  ["gd.a.y", "gd.a", "department", 20, 10, -1],
  ["gd.b", "gd", "cloud", 10, -1, -1],
  // Neither borrows nor lends.
  ["gd.b.x", "gd.b", "department", 40, 0, 0],
  ["gd.b.z", "gd.b", "department", 0, 5, -1],
];

export const DEPARTMENTS = ["gd.a.x", "gd.a.y", "gd.b.x", "gd.b.z"] as const;
export type FixtureNode = (typeof DEPARTMENTS)[number];

/** The tree as a pure value, with what is taken at each node. */
export function fixtureTree(claimed: ReadonlyMap<string, ResourceVector> = new Map()) {
  return deriveTree(
    NODES.map(([id, parentId, level, nominal = 0, borrowing = -1, lending = -1]): QuotaNode => {
      const limit: QuotaLimit = { nominal, borrowingLimit: orNull(borrowing), lendingLimit: orNull(lending) };
      return {
        id: knownId<QuotaNodeId>(id),
        parentId: parentId === null ? null : knownId<QuotaNodeId>(parentId),
        level,
        limits: { VCPU: limit, MEMORY_GIB: limit },
        claimed: claimed.get(id) ?? {},
      };
    }),
  );
}

/** A province with two clouds, four departments and three pools; nothing is taken. */
export async function ledgerFixture(tx: Tx): Promise<void> {
  const place = { level: "city" as const, parentCode: null, latitude: 23, longitude: 113 };
  await tx.insert(jurisdictions).values({ code: "440100", nameZh: "广州市", nameEn: "Guangzhou", ...place });
  await tx.insert(clouds).values(["a", "b"].map(cloud));
  await tx
    .insert(zones)
    .values(["a", "b"].map((id) => ({ ...zoneOf(id), kind: "extranet" as const, ...names(id) })));
  await tx.insert(pools).values(poolIds().map(pool));
  await tx.insert(inventories).values(
    poolIds().flatMap((id) =>
      CLASSES.map((resourceClass) => ({
        poolId: knownId<PoolId>(id),
        cloudId: cloudOf(id),
        resourceClass,
        // Reserve and ratio, so that capacity is not simply the total.
        total: POOL_CAPACITY[id] / 2 + 3,
        reserved: 3,
        minUnit: 1,
        maxUnit: 1000,
        stepSize: 1,
        allocationRatioMilli: 2000,
      })),
    ),
  );
  const tree = [...fixtureTree().values()];
  await tx.insert(quotaNodes).values(
    tree.map(({ id, parentId, level }) => ({
      id,
      parentId,
      kind: level === "tenancy" ? ("department" as const) : level,
      cloudId: level === "province" ? null : cloudOf(id.slice("gd.".length)),
      ...names(id),
    })),
  );
  await tx.insert(quotaLimits).values(
    tree.flatMap(({ id, figures }) =>
      CLASSES.map((resourceClass) => ({
        nodeId: id,
        resourceClass,
        nominal: 0,
        ...figures[resourceClass],
      })),
    ),
  );
}

/** A part of a hold; a department of one cloud may only ask for that cloud's pools, which the ledger need not know. */
export function part(
  quotaNodeId: FixtureNode,
  poolId: FixturePool,
  amounts: ResourceVector,
  role: HeldPart["role"] = "primary",
): HeldPart {
  return {
    role,
    cloudId: cloudOf(poolId),
    poolId: knownId(poolId),
    quotaNodeId: knownId(quotaNodeId),
    amounts,
  };
}

function poolIds(): FixturePool[] {
  return ["a-large", "a-small", "b-large"];
}

function cloudOf(id: string): CloudId {
  return knownId<CloudId>(id.slice(0, 1));
}

function names(id: string) {
  return { nameZh: id, nameEn: id };
}

function zoneOf(cloudId: string) {
  return { id: knownId<ZoneId>(`${cloudId}-extranet`), cloudId: cloudOf(cloudId) };
}

function pool(id: FixturePool) {
  const facts = {
    architecture: "kunpeng",
    mlpsLevel: 3,
    dedicated: false,
    tenantIsolation: true,
    encryption: true,
  };
  const { id: zoneId, cloudId } = zoneOf(id.slice(0, 1));
  return { id: knownId<PoolId>(id), cloudId, zoneId, ...names(id), ...facts, faultDomains: 2, traits: [] };
}

function cloud(id: string) {
  return {
    id: cloudOf(id),
    tier: "municipal" as const,
    ...names(id),
    jurisdictionCode: "440100",
    csp: "csp",
    country: "CN",
    operationsCountry: "CN",
    mlpsLevel: 3,
    operatingModel: "separated" as const,
    providerKind: "simulated",
    connection: {},
  };
}

function orNull(limit: number): number | null {
  return limit < 0 ? null : limit;
}
