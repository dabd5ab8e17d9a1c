import type { QuotaNodeId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import type { NodeRow } from "./rows.ts";
import { available, figuresOf, potentiallyAvailable, type QuotaChain } from "./tree.ts";
import type { Quota } from "./wire.ts";

/** What the ledger counts for one class: at a node itself, and in its whole subtree. */
export interface OwnUsage {
  readonly resourceClass: ResourceClass;
  readonly used: number;
  readonly held: number;
  readonly subtreeUsed: number;
  readonly subtreeHeld: number;
}

const NOTHING = { used: 0, held: 0, subtreeUsed: 0, subtreeHeld: 0 };

/** A node as people see it: its limits, what follows from them up to the root, and what is taken. */
export function quotaOf(
  node: NodeRow,
  chain: QuotaChain,
  usage: readonly OwnUsage[],
  childIds: readonly QuotaNodeId[],
): Quota {
  const [leaf] = chain;
  return {
    id: node.id,
    parentId: node.parentId,
    childIds: [...childIds],
    kind: node.kind,
    cloudId: node.cloudId,
    organizationId: node.organizationId,
    name: { zh: node.nameZh, en: node.nameEn },
    classes: RESOURCE_CLASSES.filter((resourceClass) => resourceClass in leaf.figures).map(
      (resourceClass) => {
        const { nominal, borrowingLimit, lendingLimit, localQuota, subtreeQuota } = figuresOf(
          leaf,
          resourceClass,
        );
        const counted = usage.find((one) => one.resourceClass === resourceClass) ?? NOTHING;
        const { used, held, subtreeUsed, subtreeHeld } = counted;
        return {
          resourceClass,
          nominal,
          borrowingLimit,
          lendingLimit,
          localQuota,
          subtreeQuota,
          used,
          held,
          subtreeUsed,
          subtreeHeld,
          available: Math.max(0, available(chain, resourceClass)),
          potentiallyAvailable: potentiallyAvailable(chain, resourceClass),
        };
      },
    ),
    generation: node.generation,
  };
}
