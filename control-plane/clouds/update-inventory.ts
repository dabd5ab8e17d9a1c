import type { AuditEvent } from "../audit/record.ts";
import { covers } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import { lockMap } from "../db/map-lock.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { capacityOf, QuantityError } from "../kernel/quantity.ts";
import { closeCase } from "../over-limits/close.ts";
import { excessOfPool } from "../over-limits/excess.ts";
import { lockHolders, settleLowering } from "../over-limits/settle.ts";
import { openCases } from "../over-limits/store.ts";
import { lockRoom, readLinks } from "../quota/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import {
  getPoolRow,
  type InventoryRow,
  inventoriesOf,
  type PoolRow,
  raiseGeneration,
  saveStock,
} from "./rows.ts";
import { showPool } from "./show-pools.ts";
import { type ChangedPool, type InventoryChange, UpdateInventory } from "./wire.ts";

/**
 * Changes what a pool has of one class, its reserve, its overcommit or its units, while it is in use. Where
 * more is in use or promised than would be left, the caller has to choose what is to happen.
 */
export const updateInventory = defineVerb({
  name: "pool.update",
  permission: "pool.write",
  input: UpdateInventory,
  async run(
    tx,
    ctx,
    { id, resourceClass, overLimit, dryRun = false, ifMatch, ...change },
  ): Promise<Outcome<ChangedPool>> {
    await lockMap(tx);
    const pool = await changeablePool(tx, ctx, id, ifMatch);
    const { id: poolId, cloudId } = pool.pool;
    const place = { nodeId: null, poolId, level: "pool", dimension: resourceClass };
    const expected = { ...place, limit: 0, used: 0, held: 0, missing: 0, commitmentId: null, from: null };
    const holders = await lockHolders(tx, [expected], overLimit);
    const today = chinaDate(ctx.clock.now());
    const settings = { today, retentionDays: ctx.config.RETENTION_DAYS };
    const room = await lockRoom(tx, poolId, resourceClass, settings);
    const stock = (await inventoriesOf(tx, [poolId])).get(poolId) ?? [];
    const before = stock.find((row) => row.resourceClass === resourceClass);
    if (room === null || before === undefined) throw fault("http.not_found");
    const after = changed(before, change);
    const capacity = capacityIn(after);
    const known = excessOfPool(room, today)?.missing ?? 0;
    const excess = excessOfPool({ ...room, capacity }, today);
    const parts = [...holders.values()].flat().flatMap((one) => one.parts.map(({ nodeId }) => nodeId));
    const settled = await settleLowering(tx, ctx, {
      code: "capacity.over_limit",
      excesses: excess !== null && excess.missing > known ? [excess] : [],
      choice: overLimit,
      holders,
      links: await readLinks(tx, parts),
      placeOf: () => ({ cloudId, organizationId: null }),
      dryRun,
    });
    const { consequences } = settled;
    if (dryRun) {
      const shown = await showPool(tx, ctx, pool, after);
      return { result: { ...shown, consequences }, audit: [] };
    }
    await saveStock(tx, after);
    const saved = await raiseGeneration(tx, pool);
    const cases = await openCases(tx, { poolIds: [poolId] });
    const open = cases.find((row) => row.resourceClass === resourceClass);
    const closed = open !== undefined && excess === null ? await closeCase(tx, ctx, open) : null;
    const audit: AuditEvent = {
      action: "pool.update",
      targetType: "pool",
      targetId: poolId,
      cloudId,
      before: { generation: pool.pool.generation, resourceClass, ...settingsOf(before) },
      after: {
        generation: saved.pool.generation,
        resourceClass,
        ...settingsOf(after),
        overLimit: overLimit ?? null,
      },
    };
    return {
      result: { ...(await showPool(tx, ctx, saved)), consequences },
      audit: [audit, ...settled.audit, ...(closed?.audit ?? [])],
      events: [
        {
          type: "cloud.changed",
          subjectId: cloudId,
          organizationId: null,
          cloudId,
          data: { poolId, resourceClass },
        },
        ...settled.events,
        ...(closed?.events ?? []),
      ],
    };
  },
});

/** Everybody sees every pool, so that a foreign one is refused instead of hidden. */
async function changeablePool(tx: Tx, ctx: Ctx, id: string, ifMatch: number | undefined): Promise<PoolRow> {
  const row = await getPoolRow(tx, id, true);
  const { cloudId, generation } = row.pool;
  if (!covers(ctx.scope, { cloudId })) throw fault("auth.forbidden", { cloudId });
  if (ifMatch === undefined) throw fault("http.precondition_required", { generation });
  if (ifMatch !== generation) throw fault("http.precondition_failed", { generation });
  return row;
}

function changed(before: InventoryRow, { allocationRatio, ...change }: InventoryChange): InventoryRow {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after = { ...before, ...given, allocationRatioMilli: allocationRatio ?? before.allocationRatioMilli };
  const issues = [
    ...(after.reserved > after.total ? [{ path: "reserved", message: "may not exceed total" }] : []),
    ...(after.minUnit > after.maxUnit ? [{ path: "minUnit", message: "may not exceed maxUnit" }] : []),
    ...(Object.keys(given).length === 0 && allocationRatio === undefined
      ? [{ path: "", message: "changes nothing" }]
      : []),
  ];
  if (issues.length > 0) throw fault("http.invalid_input", { issues });
  return after;
}

function capacityIn({ total, reserved, allocationRatioMilli }: InventoryRow): number {
  try {
    return capacityOf(total, reserved, allocationRatioMilli);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    const message = "the capacity would not be exact";
    throw fault("http.invalid_input", { issues: [{ path: "total", message }] }, { cause: error });
  }
}

function settingsOf(row: InventoryRow) {
  const { total, reserved, minUnit, maxUnit, stepSize, allocationRatioMilli } = row;
  return { total, reserved, minUnit, maxUnit, stepSize, allocationRatioMilli };
}
