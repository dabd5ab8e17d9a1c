import type { Tx } from "../db/tx.ts";
import type { QuotaNodeId } from "../kernel/ids.ts";
import { amountOf, type ResourceVector } from "../kernel/quantity.ts";
import { heldBelow } from "../quota/store.ts";
import type { Refusal } from "./refusal.ts";

/** What is held at some nodes and below them. */
export type HeldFigures = ReadonlyMap<QuotaNodeId, ResourceVector>;

/** Quota counts holds like claims; only whoever is refused has to know what may yet come back. */
export async function withHeldFigures(tx: Tx, refusals: readonly Refusal[]): Promise<readonly Refusal[]> {
  return toldApart(refusals, await heldFigures(tx, refusals));
}

/** For the nodes that refuse; none, without a query, where none does. */
export async function heldFigures(tx: Tx, refusals: readonly Refusal[]): Promise<HeldFigures> {
  const nodes = new Set(refusals.flatMap(({ nodeId }) => nodeId ?? []));
  return nodes.size === 0 ? new Map() : heldBelow(tx, [...nodes]);
}

/** What of a node's usage is held, beside what is claimed. */
export function toldApart(refusals: readonly Refusal[], below: HeldFigures): readonly Refusal[] {
  if (below.size === 0) return refusals;
  return refusals.map((entry) => {
    const { nodeId, dimension, used } = entry;
    if (nodeId === null || dimension === null || used === null) return entry;
    const held = Math.min(used, amountOf(below.get(nodeId) ?? {}, dimension));
    return { ...entry, used: used - held, held };
  });
}
