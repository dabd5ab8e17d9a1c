import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Ids, PlacementId, TenancyId } from "../kernel/ids.ts";
import { entriesOf } from "../kernel/quantity.ts";
import { enter, enterClaim, movementsOf, openBook, writeBook } from "./book.ts";
import type { HeldPart } from "./held-part.ts";

/**
 * Counts what a tenancy has already, whether it fits or not: it is there, and what is over is shown as such by
 * whoever calls. A class that the pool or a quota node does not know is refused as always.
 */
export async function claimFound(
  tx: Tx,
  ctx: { readonly clock: Clock; readonly ids: Ids },
  placements: readonly (Omit<HeldPart, "role"> & { readonly placementId: PlacementId })[],
  tenancyId: TenancyId,
): Promise<void> {
  const at = ctx.clock.now();
  const claiming = (amount: number) => ({ heldDelta: 0, usedDelta: amount });
  const drafts = placements.map((part) => ({ part, movements: movementsOf([part], claiming) }));
  const book = await openBook(
    tx,
    drafts.flatMap(({ movements }) => movements),
  );
  for (const { part, movements } of drafts) {
    const { placementId, cloudId, poolId, quotaNodeId } = part;
    enter(book, movements, { kind: "commit", at, holdId: null, tenancyId, placementId });
    for (const [resourceClass, amount] of entriesOf(part.amounts)) {
      enterClaim(book, { placementId, resourceClass, tenancyId, cloudId, poolId, quotaNodeId, amount });
    }
  }
  writeBook(tx, book);
}
