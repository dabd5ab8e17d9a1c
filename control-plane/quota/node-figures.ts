import type { QuotaNodeId } from "../kernel/ids.ts";
import { RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import { type OverLimitRow, overLimitView } from "../over-limits/store.ts";
import type { NodeRow } from "./rows.ts";
import { available, figuresOf, frozenAt, potentiallyAvailable, type QuotaChain } from "./tree.ts";
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

/** What belongs to a node and is kept elsewhere. */
interface BesideNode {
  readonly usage: readonly OwnUsage[];
  readonly childIds: readonly QuotaNodeId[];
  readonly cases: readonly OverLimitRow[];
}

/** A node as people see it: its limits, what follows from them up to the root, and what is taken. */
export function quotaOf(node: NodeRow, chain: QuotaChain, beside: BesideNode): Quota {
  const { usage, childIds, cases } = beside;
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
        const frozen = frozenAt(chain, resourceClass);
        const usageHere = figuresOf(leaf, resourceClass).usage;
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
          available: frozen === null ? Math.max(0, available(chain, resourceClass)) : 0,
          potentiallyAvailable: potentiallyAvailable(chain, resourceClass),
          borrowed: Math.max(0, usageHere - subtreeQuota),
          frozenBy: frozen?.id ?? null,
        };
      },
    ),
    overLimits: cases.map(overLimitView),
    generation: node.generation,
  };
}
