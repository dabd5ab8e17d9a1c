import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { amountOf } from "../kernel/quantity.ts";
import { heldBelow, lockChain, lockRoom, readLinks } from "../quota/store.ts";
import { limitOf } from "../quota/tree.ts";
import { defineVerb } from "../verb.ts";
import { overOf } from "./close.ts";
import { type Excess, excessOfNode, excessOfPool } from "./excess.ts";
import { lockHolders, settleLowering } from "./settle.ts";
import { getInScope, type OverLimitRow, overLimitView } from "./store.ts";
import { ChooseOverLimit } from "./wire.ts";

/** Another choice for a case that is open: an end of the grace, more time, or a plan of resizes. */
export const chooseOverLimit = defineVerb({
  name: "over-limit.choose",
  permission: "quota.write",
  input: ChooseOverLimit,
  async run(tx, ctx, { id, overLimit: choice, ifMatch }) {
    const seen = await getInScope(tx, ctx.scope, id);
    if (ifMatch !== undefined && ifMatch !== seen.generation) {
      throw fault("http.precondition_failed", { generation: seen.generation });
    }
    if (seen.closedAt !== null) throw fault("http.precondition_failed", { closedAt: seen.closedAt });
    const { nodeId, poolId, resourceClass: dimension } = seen;
    const expected = { ...NOTHING, nodeId, poolId, dimension, missing: seen.over };
    const holders = await lockHolders(tx, [expected], choice);
    const excess = await excessNow(tx, ctx, seen);
    const parts = [...holders.values()].flat().flatMap((one) => one.parts.map((part) => part.nodeId));
    const { audit, events, consequences } = await settleLowering(tx, ctx, {
      code: nodeId === null ? "capacity.over_limit" : "quota.over_limit",
      excesses: excess === null ? [] : [excess],
      choice,
      holders,
      links: await readLinks(tx, parts),
      placeOf: () => ({ cloudId: seen.cloudId, organizationId: seen.organizationId }),
      dryRun: false,
    });
    const after = await getInScope(tx, ctx.scope, id);
    return { result: { ...overLimitView(after), consequences }, audit, events };
  },
});

const NOTHING = { level: "", limit: 0, used: 0, held: 0, commitmentId: null, from: null } as const;

/** Null where it is back under its limit already: the review closes it. */
async function excessNow(tx: Tx, ctx: Ctx, row: OverLimitRow): Promise<Excess | null> {
  const { nodeId, poolId, resourceClass: dimension } = row;
  const today = chinaDate(ctx.clock.now());
  if (poolId !== null) {
    const room = await lockRoom(tx, poolId, dimension, { today, retentionDays: ctx.config.RETENTION_DAYS });
    return room === null ? null : excessOfPool(room, today);
  }
  const chain = nodeId === null ? null : await lockChain(tx, nodeId, dimension);
  if (chain === null || nodeId === null) return null;
  const missing = overOf(chain[0], row);
  const limit = limitOf(chain[0], dimension);
  if (missing <= 0 || limit === null) return null;
  const held = amountOf((await heldBelow(tx, [nodeId])).get(nodeId) ?? {}, dimension);
  const { level } = chain[0];
  return excessOfNode({ nodeId, level, dimension, limit, used: limit + missing, missing }, held);
}
