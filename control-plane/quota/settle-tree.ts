import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import { amountOf } from "../kernel/quantity.ts";
import { closeResolved } from "../over-limits/close.ts";
import { type Excess, excessOfNode } from "../over-limits/excess.ts";
import { type LockedHolders, lockHolders, type Settled, settleLowering } from "../over-limits/settle.ts";
import type { OverLimitChoice } from "../over-limits/wire.ts";
import { newExcesses } from "./excess.ts";
import { nodesById } from "./rows.ts";
import { heldBelow, readLinks } from "./store.ts";
import type { QuotaLink } from "./tree.ts";

type Links = ReadonlyMap<QuotaNodeId, QuotaLink>;

/** The nodes that a change touches, as they were and as they are to be; from the leaf up. */
export interface TreeChange {
  readonly before: Links;
  readonly after: Links;
}

async function excessesBetween(tx: Tx, { before, after }: TreeChange): Promise<Excess[]> {
  const found = newExcesses(before, after);
  const held = await heldBelow(
    tx,
    found.map(({ nodeId }) => nodeId),
  );
  return found.map((one) => excessOfNode(one, amountOf(held.get(one.nodeId) ?? {}, one.dimension)));
}

/** Who may have to shrink, by the figures as they are before anything is locked. */
export async function lockExpected(
  tx: Tx,
  expected: TreeChange,
  choice: OverLimitChoice | undefined,
): Promise<LockedHolders> {
  if (choice?.choice !== "shrink") return new Map();
  return lockHolders(tx, await excessesBetween(tx, expected), choice);
}

/** Refuses a change that leaves somebody over, or does what was chosen; and closes what the change has cured. */
export async function settleTree(
  tx: Tx,
  ctx: Ctx,
  change: TreeChange,
  choice: OverLimitChoice | undefined,
  holders: LockedHolders,
  dryRun: boolean,
): Promise<Settled> {
  const excesses = await excessesBetween(tx, change);
  const nodes = await nodesById(
    tx,
    excesses.flatMap(({ nodeId }) => nodeId ?? []),
  );
  const claimants = [...holders.values()].flat().flatMap(({ parts }) => parts.map(({ nodeId }) => nodeId));
  const settled = await settleLowering(tx, ctx, {
    code: "quota.over_limit",
    excesses,
    choice,
    holders,
    links: new Map([...(await readLinks(tx, [...new Set(claimants)])), ...change.after]),
    placeOf: ({ nodeId }) => {
      const { cloudId = null, organizationId = null } = nodes.get(nodeId as QuotaNodeId) ?? {};
      return { cloudId, organizationId };
    },
    dryRun,
  });
  if (dryRun) return settled;
  const closed = await closeResolved(tx, ctx, change.after);
  return {
    ...settled,
    audit: [...settled.audit, ...closed.audit],
    events: [...settled.events, ...closed.events],
  };
}
