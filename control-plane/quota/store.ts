import { and, eq, inArray, sql } from "drizzle-orm";
import { quotaLimits, quotaNodes } from "../db/schema/quota.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { type CloudId, knownId, type OrganizationId, type PoolId, type QuotaNodeId } from "../kernel/ids.ts";
import { add, type ResourceClass, type ResourceVector } from "../kernel/quantity.ts";
import { inventoryKey } from "./inventory-key.ts";
import { type LockedInventory, lockInventories, lockNodes } from "./ledger-rows.ts";
import type { PoolCalendar } from "./pool-calendar.ts";
import { type CalendarSettings, loadCalendars } from "./promise-store.ts";
import { chainOf, type QuotaChain, type QuotaFigures, type QuotaLink } from "./tree.ts";

/** What is held at some nodes and below them. */
export async function heldBelow(
  tx: Tx,
  ids: readonly QuotaNodeId[],
): Promise<Map<QuotaNodeId, ResourceVector>> {
  if (ids.length === 0) return new Map();
  const rows = await queryRows(
    tx,
    sql`WITH RECURSIVE down AS (
          SELECT id AS top, id FROM quota_nodes WHERE id IN (${list(ids)})
          UNION ALL
          SELECT down.top, child.id FROM quota_nodes child JOIN down ON child.parent_id = down.id
        )
        SELECT top, resource_class, sum(held) AS held
          FROM down JOIN quota_limits ON quota_limits.node_id = down.id
         WHERE held > 0 GROUP BY top, resource_class`,
  );
  const held = new Map<QuotaNodeId, ResourceVector>();
  for (const row of rows) {
    const id = knownId<QuotaNodeId>(String(row.top));
    // The column holds names of classes only.
    const resourceClass = row.resource_class as ResourceClass;
    held.set(id, add(held.get(id) ?? {}, { [resourceClass]: Number(row.held) }));
  }
  return held;
}

/** The links of some nodes and of everything above them, with the figures of every class that has a row. */
export async function readLinks(tx: Tx, ids: readonly QuotaNodeId[]): Promise<Map<QuotaNodeId, QuotaLink>> {
  if (ids.length === 0) return new Map();
  const up = await queryRows(
    tx,
    sql`WITH RECURSIVE up AS (
          SELECT id, parent_id FROM quota_nodes WHERE id IN (${list(ids)})
          UNION
          SELECT parent.id, parent.parent_id FROM quota_nodes parent JOIN up ON up.parent_id = parent.id
        ) SELECT id FROM up`,
  );
  const all = up.map((row) => knownId<QuotaNodeId>(String(row.id)));
  const nodes = await tx.select().from(quotaNodes).where(inArray(quotaNodes.id, all));
  const limits = await tx.select().from(quotaLimits).where(inArray(quotaLimits.nodeId, all));
  const figures = new Map<QuotaNodeId, { [Class in ResourceClass]?: QuotaFigures }>();
  const frozen = new Map<QuotaNodeId, ResourceClass[]>();
  for (const { nodeId, resourceClass, used: _used, held: _held, frozen: stopped, ...row } of limits) {
    figures.set(nodeId, { ...figures.get(nodeId), [resourceClass]: row });
    if (stopped) frozen.set(nodeId, [...(frozen.get(nodeId) ?? []), resourceClass]);
  }
  return new Map(
    nodes.map(({ id, parentId, kind }) => [
      id,
      { id, parentId, level: kind, figures: figures.get(id) ?? {}, frozen: frozen.get(id) ?? [] },
    ]),
  );
}

/** A node under lock with everything above it, for one class; null where there is no such node any more. */
export async function lockChain(
  tx: Tx,
  nodeId: QuotaNodeId,
  resourceClass: ResourceClass,
): Promise<QuotaChain | null> {
  const nodes = await lockNodes(tx, [nodeId], [resourceClass]);
  return nodes.has(nodeId) ? chainOf(nodes, nodeId) : null;
}

export interface LockedRoom extends LockedInventory {
  readonly calendar: PoolCalendar;
}

/** A pool's inventory under lock, with its calendar; null where there is none. */
export async function lockRoom(
  tx: Tx,
  poolId: PoolId,
  resourceClass: ResourceClass,
  settings: CalendarSettings,
): Promise<LockedRoom | null> {
  const rooms = await lockRooms(tx, [poolId], [resourceClass], settings);
  return rooms.get(inventoryKey(poolId, resourceClass)) ?? null;
}

/** Several at once, in the order of locks. */
export async function lockRooms(
  tx: Tx,
  poolIds: readonly PoolId[],
  classes: readonly ResourceClass[],
  settings: CalendarSettings,
): Promise<Map<string, LockedRoom>> {
  const locked = await lockInventories(tx, poolIds, classes);
  const calendars = await loadCalendars(tx, [...locked.values()], settings);
  const nothing: PoolCalendar = { occupancies: [], promises: [] };
  return new Map([...locked].map(([key, row]) => [key, { ...row, calendar: calendars.get(key) ?? nothing }]));
}

export type QuotaNodeRow = typeof quotaNodes.$inferSelect;

export async function findNode(tx: Tx, id: QuotaNodeId): Promise<QuotaNodeRow | undefined> {
  const [row] = await tx.select().from(quotaNodes).where(eq(quotaNodes.id, id));
  return row;
}

/** The node of an organization on a cloud; there is at most one. */
export async function findDepartmentNode(
  tx: Tx,
  cloudId: CloudId,
  organizationId: OrganizationId,
): Promise<QuotaNodeRow | undefined> {
  const [row] = await tx
    .select()
    .from(quotaNodes)
    .where(
      and(
        eq(quotaNodes.kind, "department"),
        eq(quotaNodes.cloudId, cloudId),
        eq(quotaNodes.organizationId, organizationId),
      ),
    );
  return row;
}

/** Where a claim of an organization on a cloud counts: at its own node there, or at that of the nearest one above it. */
export async function nearestNode(
  tx: Tx,
  cloudId: CloudId,
  organizationId: OrganizationId,
): Promise<QuotaNodeId | null> {
  const [row] = await queryRows(
    tx,
    sql`SELECT node.id FROM quota_nodes node
          JOIN organizations above ON above.id = node.organization_id
          JOIN organizations own ON own.id = ${organizationId} AND starts_with(own.path, above.path)
         WHERE node.kind = 'department' AND node.cloud_id = ${cloudId}
         ORDER BY length(above.path) DESC LIMIT 1`,
  );
  return row === undefined ? null : knownId<QuotaNodeId>(String(row.id));
}

function list(ids: readonly QuotaNodeId[]) {
  return sql.join(
    ids.map((id) => sql`${id}`),
    sql`, `,
  );
}
