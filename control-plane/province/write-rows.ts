import { and, eq, getTableColumns, inArray, type SQL, sql } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import { organizations, systems } from "../db/schema/organizations.ts";
import { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import { clouds, inventories, jurisdictions, pools, priceLists, zones } from "../db/schema/topology.ts";
import type { Tx } from "../db/tx.ts";
import type { Brand } from "../kernel/brand.ts";
import {
  type CloudId,
  knownId,
  type OrganizationId,
  type PoolId,
  type QuotaNodeId,
  type SystemId,
  type ZoneId,
} from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import {
  cloudRow,
  inventoryRows,
  jurisdictionRow,
  limitRows,
  organizationRow,
  poolRow,
  priceListRow,
  quotaNodeRow,
  systemRow,
  zoneRows,
} from "./document-rows.ts";
import type { DocumentKind } from "./documents.ts";
import type { Change } from "./plan.ts";
import { ofKind } from "./province.ts";
import { type Run, runsOf, writesOf } from "./runs.ts";

/** One statement may carry 65,535 parameters; the widest row has 16. */
const ROWS_MAX = 1000;

/**
 * Writes a plan in its order. Says nothing about whether it may be done: what is in use, and how much, is
 * asked before. Counters and columns without a document field are never touched.
 */
export async function writeChanges(tx: Tx, changes: readonly Change[]): Promise<void> {
  for (const run of runsOf(changes)) {
    if (run.action === "delete") await deleteRun(tx, run.kind, run.ids);
    else await writeRun(tx, run);
  }
  await deleteVanishedZones(tx, changes);
  await deleteVanishedInventories(tx, changes);
}

async function writeRun(tx: Tx, { documents }: Extract<Run, { action: "write" }>): Promise<void> {
  await writeJurisdictions(tx, ofKind(documents, "Jurisdiction").map(jurisdictionRow));
  await writeOrganizations(tx, ofKind(documents, "Organization").map(organizationRow));
  await writeSystems(tx, ofKind(documents, "ApplicationSystem").map(systemRow));
  const cloudDocuments = ofKind(documents, "Cloud");
  await writeClouds(tx, cloudDocuments.map(cloudRow));
  await writeZones(tx, cloudDocuments.flatMap(zoneRows));
  const poolDocuments = ofKind(documents, "Pool");
  await writePools(tx, poolDocuments.map(poolRow));
  await writeInventories(tx, poolDocuments.flatMap(inventoryRows));
  const nodes = ofKind(documents, "QuotaNode");
  await writeQuotaNodes(tx, nodes.map(quotaNodeRow));
  await writeLimits(tx, nodes.flatMap(limitRows));
  await writePriceLists(tx, ofKind(documents, "PriceList").map(priceListRow));
}

async function writeJurisdictions(tx: Tx, all: (typeof jurisdictions.$inferInsert)[]): Promise<void> {
  const target = [jurisdictions.code];
  for (const { rows, set } of batches(jurisdictions, target, all)) {
    await tx.insert(jurisdictions).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeOrganizations(tx: Tx, all: (typeof organizations.$inferInsert)[]): Promise<void> {
  const target = [organizations.id];
  for (const { rows, set } of batches(organizations, target, all)) {
    await tx.insert(organizations).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeSystems(tx: Tx, all: (typeof systems.$inferInsert)[]): Promise<void> {
  const target = [systems.id];
  for (const { rows, set } of batches(systems, target, all)) {
    await tx.insert(systems).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeClouds(tx: Tx, all: (typeof clouds.$inferInsert)[]): Promise<void> {
  const target = [clouds.id];
  for (const { rows, set } of batches(clouds, target, all)) {
    await tx.insert(clouds).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeZones(tx: Tx, all: (typeof zones.$inferInsert)[]): Promise<void> {
  const target = [zones.id];
  for (const { rows, set } of batches(zones, target, all)) {
    await tx.insert(zones).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writePools(tx: Tx, all: (typeof pools.$inferInsert)[]): Promise<void> {
  const target = [pools.id];
  for (const { rows, set } of batches(pools, target, all)) {
    await tx.insert(pools).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeInventories(tx: Tx, all: (typeof inventories.$inferInsert)[]): Promise<void> {
  const target = [inventories.poolId, inventories.resourceClass];
  for (const { rows, set } of batches(inventories, target, all)) {
    await tx.insert(inventories).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeQuotaNodes(tx: Tx, all: (typeof quotaNodes.$inferInsert)[]): Promise<void> {
  const target = [quotaNodes.id];
  for (const { rows, set } of batches(quotaNodes, target, all)) {
    await tx.insert(quotaNodes).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writeLimits(tx: Tx, all: (typeof quotaLimits.$inferInsert)[]): Promise<void> {
  const target = [quotaLimits.nodeId, quotaLimits.resourceClass];
  for (const { rows, set } of batches(quotaLimits, target, all)) {
    await tx.insert(quotaLimits).values(rows).onConflictDoUpdate({ target, set });
  }
}

async function writePriceLists(tx: Tx, all: (typeof priceLists.$inferInsert)[]): Promise<void> {
  const target = [priceLists.id];
  for (const { rows, set } of batches(priceLists, target, all)) {
    await tx.insert(priceLists).values(rows).onConflictDoUpdate({ target, set });
  }
}

/**
 * Rows for one statement each, with what they replace: the columns they name, and the generation moves on.
 * The key is left out: a row that is locked for a change of its key makes all wait that refer to it.
 */
function batches<Row extends object>(
  table: PgTable,
  key: readonly PgColumn[],
  all: readonly Row[],
): { rows: Row[]; set: Record<string, SQL> }[] {
  const [first] = all;
  if (first === undefined) return [];
  const columns = getTableColumns(table);
  const set = Object.fromEntries(
    Object.entries(columns)
      .filter(([name, column]) => name in first && !key.includes(column))
      .map(([name, column]) => [name, sql`excluded.${sql.identifier(column.name)}`]),
  );
  if (columns.generation !== undefined) set.generation = sql`${columns.generation} + 1`;
  const result = [];
  for (let start = 0; start < all.length; start += ROWS_MAX) {
    result.push({ rows: all.slice(start, start + ROWS_MAX), set });
  }
  return result;
}

async function deleteRun(tx: Tx, kind: DocumentKind, ids: readonly string[]): Promise<void> {
  switch (kind) {
    case "Jurisdiction":
      await tx.delete(jurisdictions).where(inArray(jurisdictions.code, [...ids]));
      return;
    case "Organization":
      await tx.delete(organizations).where(inArray(organizations.id, branded<OrganizationId>(ids)));
      return;
    case "ApplicationSystem":
      await tx.delete(systems).where(inArray(systems.id, branded<SystemId>(ids)));
      return;
    case "Cloud":
      await tx.delete(zones).where(inArray(zones.cloudId, branded<CloudId>(ids)));
      await tx.delete(clouds).where(inArray(clouds.id, branded<CloudId>(ids)));
      return;
    case "Pool":
      await tx.delete(inventories).where(inArray(inventories.poolId, branded<PoolId>(ids)));
      await tx.delete(pools).where(inArray(pools.id, branded<PoolId>(ids)));
      return;
    case "QuotaNode":
      await tx.delete(quotaLimits).where(inArray(quotaLimits.nodeId, branded<QuotaNodeId>(ids)));
      await tx.delete(quotaNodes).where(inArray(quotaNodes.id, branded<QuotaNodeId>(ids)));
      return;
    case "PriceList":
      await tx.delete(priceLists).where(inArray(priceLists.id, [...ids]));
      return;
  }
}

function branded<Id extends Brand<string, string>>(ids: readonly string[]): Id[] {
  return ids.map((id) => knownId<Id>(id));
}

/** After all pools have been written: until then one of them may still stand in the zone. */
async function deleteVanishedZones(tx: Tx, changes: readonly Change[]): Promise<void> {
  const written = writesOf(changes, "Cloud");
  const kept = new Set<ZoneId>(written.flatMap(({ after }) => after.spec.zones.map((zone) => zone.id)));
  const gone = written
    .flatMap(({ before }) => before?.spec.zones ?? [])
    .map((zone) => zone.id)
    .filter((id) => !kept.has(id));
  if (gone.length > 0) await tx.delete(zones).where(inArray(zones.id, gone));
}

async function deleteVanishedInventories(tx: Tx, changes: readonly Change[]): Promise<void> {
  const gone = new Map<ResourceClass, PoolId[]>();
  for (const { before, after } of writesOf(changes, "Pool")) {
    for (const resourceClass of RESOURCE_CLASSES) {
      if (before?.spec.inventories[resourceClass] === undefined) continue;
      if (after.spec.inventories[resourceClass] !== undefined) continue;
      gone.set(resourceClass, [...(gone.get(resourceClass) ?? []), after.metadata.id]);
    }
  }
  for (const [resourceClass, poolIds] of gone) {
    await tx
      .delete(inventories)
      .where(and(eq(inventories.resourceClass, resourceClass), inArray(inventories.poolId, poolIds)));
  }
}
