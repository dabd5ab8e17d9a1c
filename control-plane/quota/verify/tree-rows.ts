import { asc } from "drizzle-orm";
import { quotaLimits, quotaNodes } from "../../db/schema/quota.ts";
import type { Tx } from "../../db/tx.ts";

/** Bounded by the tree, not by what is in use. */
export async function readTree(tx: Tx) {
  const nodes = await tx
    .select({ id: quotaNodes.id, parentId: quotaNodes.parentId, level: quotaNodes.kind })
    .from(quotaNodes)
    .orderBy(asc(quotaNodes.id));
  const limits = await tx.select().from(quotaLimits).orderBy(quotaLimits.nodeId, quotaLimits.resourceClass);
  return { nodes, limits };
}
