import { organizations, systems } from "../../control-plane/db/schema/organizations.ts";
import { quotaLimits, quotaNodes } from "../../control-plane/db/schema/quota.ts";
import { clouds, inventories, jurisdictions, pools, zones } from "../../control-plane/db/schema/topology.ts";
import type { Tx } from "../../control-plane/db/tx.ts";
import {
  type CloudId,
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
  type SystemId,
  type ZoneId,
} from "../../control-plane/kernel/ids.ts";
import type { ResourceVector } from "../../control-plane/kernel/quantity.ts";
import { deriveTree, type QuotaLimit } from "../../control-plane/quota/tree.ts";

/**
 * One provincial, two municipal and one industry cloud; two cities with bureaus; a quota tree of three levels.
 * Written straight into the tables, so that a test of one room needs no other.
 */
export async function smallProvince(tx: Tx): Promise<void> {
  await tx
    .insert(jurisdictions)
    .values([
      place("440000", "广东省", "Guangdong", "province", null),
      place("440100", "广州市", "Guangzhou", "city", "440000"),
      place("440300", "深圳市", "Shenzhen", "city", "440000"),
    ]);
  await tx
    .insert(organizations)
    .values([
      body("gd", null, "province", "广东省人民政府", "Guangdong"),
      body("gd-hrss", "gd", "province", "广东省人力资源和社会保障厅", "Human resources"),
      body("gd-guangzhou", "gd", "city", "广州市人民政府", "Guangzhou"),
      body("gd-guangzhou-health", "gd-guangzhou", "city", "广州市卫生健康委员会", "Guangzhou health"),
      body("gd-shenzhen", "gd", "city", "深圳市人民政府", "Shenzhen"),
    ]);
  await tx
    .insert(systems)
    .values([
      system("sys_a1", "gd-hrss", "社会保险信息系统", 3),
      system("sys_a2", "gd-guangzhou-health", "全民健康信息平台", 3),
      system("sys_a3", "gd-guangzhou-health", "门户网站", 2),
    ]);
  await tx
    .insert(clouds)
    .values([
      cloud("provincial", "provincial", "440000", ""),
      cloud("guangzhou", "municipal", "440100", ""),
      cloud("shenzhen", "municipal", "440300", ""),
      cloud("health", "industry", "440000", "health"),
    ]);
  await tx
    .insert(zones)
    .values(
      ["provincial", "guangzhou", "shenzhen", "health"].flatMap((cloudId) =>
        (["internet", "extranet"] as const).map((kind) => zone(cloudId, kind)),
      ),
    );
  await tx
    .insert(pools)
    .values([
      pool("guangzhou", "extranet", "kunpeng", 3),
      pool("guangzhou", "internet", "intel", 2),
      pool("provincial", "extranet", "kunpeng", 3),
    ]);
  await tx
    .insert(inventories)
    .values([
      inventory("guangzhou-extranet-kunpeng", "guangzhou", "VCPU", 1000, 200),
      inventory("guangzhou-extranet-kunpeng", "guangzhou", "MEMORY_GIB", 4000, 800),
      inventory("provincial-extranet-kunpeng", "provincial", "VCPU", 2000, 0),
    ]);
  await smallQuota(tx);
}

/** The quota tree alone, for tests that begin afresh with it. */
export async function smallQuota(tx: Tx): Promise<void> {
  await quotaTree(tx, [
    node("gd", null, "province", null, null, 500),
    node("gd.guangzhou", "gd", "cloud", "guangzhou", null, 200, 100),
    node(
      "gd.guangzhou.health",
      "gd.guangzhou",
      "department",
      "guangzhou",
      "gd-guangzhou-health",
      100,
      50,
      80,
    ),
    node("gd.provincial", "gd", "cloud", "provincial", null, 300, 0, 0),
    node("gd.provincial.hrss", "gd.provincial", "department", "provincial", "gd-hrss", 100, 0),
  ]);
}

function place(
  code: string,
  nameZh: string,
  nameEn: string,
  level: "province" | "city",
  parentCode: string | null,
) {
  return { code, nameZh, nameEn, level, parentCode, latitude: 23.1, longitude: 113.3 };
}

function body(
  id: string,
  parentId: string | null,
  level: "province" | "city",
  nameZh: string,
  nameEn: string,
) {
  return {
    id: knownId<OrganizationId>(id),
    parentId: parentId === null ? null : knownId<OrganizationId>(parentId),
    kind: parentId === null || !id.includes("-") ? "government" : "department",
    level,
    nameZh,
    nameEn,
    jurisdictionCode: id.includes("guangzhou") ? "440100" : id.includes("shenzhen") ? "440300" : "440000",
  };
}

function system(id: string, organizationId: string, name: string, mlpsLevel: number) {
  return {
    id: knownId<SystemId>(id),
    organizationId: knownId<OrganizationId>(organizationId),
    name,
    mlpsLevel,
    dataClass: "general" as const,
  };
}

function cloud(
  id: string,
  tier: "provincial" | "municipal" | "industry",
  jurisdictionCode: string,
  sector: string,
) {
  return {
    id: knownId<CloudId>(id),
    tier,
    nameZh: `${id}政务云`,
    nameEn: `${id} government cloud`,
    jurisdictionCode,
    sector,
    csp: "csp-a",
    country: "CN",
    operationsCountry: "CN",
    mlpsLevel: 3,
    operatingModel: "separated" as const,
    securityAssessmentValidUntil: "2028-03-31",
    cryptoAssessmentValidUntil: "2026-01-31",
    providerKind: "simulated",
    connection: { endpoint: "http://cloud.internal", password: "do-not-show" },
  };
}

function zone(cloudId: string, kind: "internet" | "extranet") {
  return {
    id: knownId<ZoneId>(`${cloudId}-${kind}`),
    cloudId: knownId<CloudId>(cloudId),
    kind,
    nameZh: kind === "internet" ? "互联网区" : "政务外网区",
    nameEn: kind,
  };
}

function pool(cloudId: string, kind: "internet" | "extranet", architecture: string, mlpsLevel: number) {
  return {
    id: knownId<PoolId>(`${cloudId}-${kind}-${architecture}`),
    cloudId: knownId<CloudId>(cloudId),
    zoneId: knownId<ZoneId>(`${cloudId}-${kind}`),
    nameZh: `${architecture}资源池`,
    nameEn: `${architecture} pool`,
    architecture,
    mlpsLevel,
    dedicated: false,
    tenantIsolation: true,
    encryption: true,
    faultDomains: 3,
    traits: architecture === "kunpeng" ? ["xinchuang", "cpu:kunpeng"] : [`cpu:${architecture}`],
  };
}

function inventory(
  poolId: string,
  cloudId: string,
  resourceClass: "VCPU" | "MEMORY_GIB",
  total: number,
  reserved: number,
) {
  return {
    poolId: knownId<PoolId>(poolId),
    cloudId: knownId<CloudId>(cloudId),
    resourceClass,
    total,
    reserved,
    minUnit: 1,
    maxUnit: 500,
    stepSize: 1,
    allocationRatioMilli: 1500,
  };
}

/** The same limit for VCPU and MEMORY_GIB. */
function node(
  id: string,
  parentId: string | null,
  kind: "province" | "cloud" | "department",
  cloudId: string | null,
  organizationId: string | null,
  nominal: number,
  borrowingLimit: number | null = null,
  lendingLimit: number | null = null,
) {
  const limit: QuotaLimit = { nominal, borrowingLimit, lendingLimit };
  const row = {
    id: knownId<QuotaNodeId>(id),
    parentId: parentId === null ? null : knownId<QuotaNodeId>(parentId),
    kind,
    cloudId: cloudId === null ? null : knownId<CloudId>(cloudId),
    organizationId: organizationId === null ? null : knownId<OrganizationId>(organizationId),
    nameZh: `${id}配额`,
    nameEn: `Quota of ${id}`,
  };
  return { row, limit };
}

async function quotaTree(tx: Tx, nodes: readonly ReturnType<typeof node>[]): Promise<void> {
  const nothing: ResourceVector = {};
  const tree = deriveTree(
    nodes.map(({ row, limit }) => ({
      id: row.id,
      parentId: row.parentId,
      level: row.kind,
      limits: { VCPU: limit, MEMORY_GIB: limit },
      claimed: nothing,
    })),
  );
  await tx.insert(quotaNodes).values(nodes.map(({ row }) => row));
  await tx.insert(quotaLimits).values(
    [...tree.values()].flatMap(({ id, figures }) =>
      (["VCPU", "MEMORY_GIB"] as const).map((resourceClass) => ({
        nodeId: id,
        resourceClass,
        nominal: 0,
        ...figures[resourceClass],
      })),
    ),
  );
}
