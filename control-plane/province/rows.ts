import { organizations, systems } from "../db/schema/organizations.ts";
import { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import { clouds, inventories, jurisdictions, pools, priceLists, zones } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import {
  cloudDocument,
  jurisdictionDocument,
  organizationDocument,
  poolDocument,
  priceListDocument,
  quotaNodeDocument,
  systemDocument,
} from "./document-rows.ts";
import type { Province } from "./province.ts";

/** What the database holds, in the documents' form and sorted by id. */
export async function loadProvince(tx: Tx): Promise<Province> {
  const places = await tx.select().from(jurisdictions).orderBy(jurisdictions.code);
  const bodies = await tx.select().from(organizations).orderBy(organizations.id);
  const applications = await tx.select().from(systems).orderBy(systems.id);
  const cloudRows = await tx.select().from(clouds).orderBy(clouds.id);
  const zonesOf = grouped(await tx.select().from(zones).orderBy(zones.id), (row) => row.cloudId);
  const poolRows = await tx.select().from(pools).orderBy(pools.id);
  const stockOf = grouped(await tx.select().from(inventories), (row) => row.poolId);
  const nodes = await tx.select().from(quotaNodes).orderBy(quotaNodes.id);
  const limitsOf = grouped(await tx.select().from(quotaLimits), (row) => row.nodeId);
  const lists = await tx.select().from(priceLists).orderBy(priceLists.id);
  return {
    jurisdictions: places.map(jurisdictionDocument),
    organizations: bodies.map(organizationDocument),
    systems: applications.filter((row) => !isRegistered(row.id)).map(systemDocument),
    clouds: cloudRows.map((row) => cloudDocument(row, zonesOf.get(row.id) ?? [])),
    pools: poolRows.map((row) => poolDocument(row, stockOf.get(row.id) ?? [])),
    quotaNodes: nodes.map((row) => quotaNodeDocument(row, limitsOf.get(row.id) ?? [])),
    priceLists: lists.map(priceListDocument),
  };
}

/** A system that a department registered with its request is nobody's document, and not to be pruned. */
function isRegistered(systemId: string): boolean {
  return systemId.startsWith("sys_");
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
