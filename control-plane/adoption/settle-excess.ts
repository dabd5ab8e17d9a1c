import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import type { PoolId } from "../kernel/ids.ts";
import { entriesOf, RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { type Excess, excessOfPool } from "../over-limits/excess.ts";
import { type Settled, settleLowering } from "../over-limits/settle.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import { inventoryKey } from "../quota/inventory-key.ts";
import { settleTree } from "../quota/settle-tree.ts";
import { lockRooms, readLinks } from "../quota/store.ts";
import type { LandingPart } from "./landing.ts";

/** Who is over after a claim is treated as one whose limit was lowered under what it uses. */
export async function settleExcess(
  tx: Tx,
  ctx: Ctx,
  parts: readonly Pick<LandingPart, "cloudId" | "poolId" | "quotaNodeId" | "amounts">[],
  choice: OverLimitChoice | undefined,
  claim: () => Promise<void>,
): Promise<Pick<Settled, "audit" | "events">> {
  const nodeIds = parts.map(({ quotaNodeId }) => quotaNodeId);
  const before = await readLinks(tx, nodeIds);
  await claim();
  const after = await readLinks(tx, nodeIds);
  const ofTree = await settleTree(tx, ctx, { before, after }, choice, new Map(), false);
  const clouds = new Map(parts.map(({ poolId, cloudId }) => [poolId, cloudId]));
  const ofPools = await settleLowering(tx, ctx, {
    code: "capacity.over_limit",
    excesses: await poolExcesses(tx, ctx, parts),
    choice,
    holders: new Map(),
    links: after,
    placeOf: ({ poolId }) => ({ cloudId: clouds.get(poolId as PoolId) ?? null, organizationId: null }),
    dryRun: false,
  });
  return { audit: [...ofTree.audit, ...ofPools.audit], events: [...ofTree.events, ...ofPools.events] };
}

/** Of the classes that were claimed; what was over before is farther over now. */
async function poolExcesses(
  tx: Tx,
  ctx: Ctx,
  parts: readonly Pick<LandingPart, "poolId" | "amounts">[],
): Promise<Excess[]> {
  const today = chinaDate(ctx.clock.now());
  const settings = { today, retentionDays: ctx.config.RETENTION_DAYS };
  const claimed = new Set(
    parts.flatMap(({ poolId, amounts }) => entriesOf(amounts).map(([name]) => inventoryKey(poolId, name))),
  );
  const poolIds = parts.map(({ poolId }) => poolId);
  const rooms = await lockRooms(tx, poolIds, RESOURCE_CLASSES, settings);
  return [...rooms]
    .filter(([key]) => claimed.has(key))
    .map(([, room]) => excessOfPool(room, today))
    .filter((excess) => excess !== null);
}
