import { capacityOf, RESOURCE_CLASSES, type ResourceClass } from "../kernel/quantity.ts";
import type { QuotaNodeDocument } from "./documents.ts";
import type { DocumentProblem } from "./problem.ts";
import type { Province } from "./province.ts";

/**
 * The quota tree is province -> cloud -> department -> department …, one node for each cloud and one for
 * each organization inside a cloud, and promises no more than the pools below it can carry.
 */
export function checkQuotaTree(province: Province): DocumentProblem[] {
  return [
    ...checkShape(province.quotaNodes),
    ...checkLimits(province.quotaNodes),
    ...checkCapacity(province),
  ];
}

function checkShape(nodes: readonly QuotaNodeDocument[]): DocumentProblem[] {
  const byId = new Map<string, QuotaNodeDocument>(nodes.map((node) => [node.metadata.id, node]));
  const holders = new Map<string, string>();
  const problems: DocumentProblem[] = [];
  for (const document of nodes) {
    const { kind, parent, cloud, organization } = document.spec;
    const holder = kind === "province" ? "province" : `${cloud} ${organization ?? ""}`;
    const other = holders.get(holder);
    if (other !== undefined) {
      problems.push({
        document,
        path: ["metadata", "id"],
        reason: {
          zh: `与配额节点 ${other} 的对象相同`,
          en: `quota node ${other} already stands for the same`,
        },
      });
    }
    holders.set(holder, document.metadata.id);

    const above = parent === null ? undefined : byId.get(parent);
    if (above === undefined) continue;
    if ((kind === "cloud") !== (above.spec.kind === "province")) {
      problems.push({
        document,
        path: ["spec", "parent"],
        reason: {
          zh: "云节点的上级是省级节点，部门节点的上级是云节点或部门节点",
          en: "a cloud's node stands below the province's, a department's below a cloud's or a department's",
        },
      });
    } else if (above.spec.cloud !== null && above.spec.cloud !== cloud) {
      problems.push({
        document,
        path: ["spec", "cloud"],
        reason: {
          zh: `上级节点属于云 ${above.spec.cloud}`,
          en: `the parent belongs to cloud ${above.spec.cloud}`,
        },
      });
    }
  }
  return problems;
}

/** Sums run over thousands of nodes of up to 2^53-1 each, so they are kept as big integers. */
type Sums = Map<string, bigint>;

function subtreeNominals(nodes: readonly QuotaNodeDocument[], resourceClass: ResourceClass): Sums {
  const byId = new Map<string, QuotaNodeDocument>(nodes.map((node) => [node.metadata.id, node]));
  const sums: Sums = new Map(nodes.map((node) => [node.metadata.id, 0n]));
  for (const node of nodes) {
    const nominal = BigInt(node.spec.limits[resourceClass]?.nominal ?? 0);
    let at: QuotaNodeDocument | undefined = node;
    while (at !== undefined) {
      sums.set(at.metadata.id, (sums.get(at.metadata.id) ?? 0n) + nominal);
      at = at.spec.parent === null ? undefined : byId.get(at.spec.parent);
    }
  }
  return sums;
}

function checkLimits(nodes: readonly QuotaNodeDocument[]): DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  for (const resourceClass of RESOURCE_CLASSES) {
    const sums = subtreeNominals(nodes, resourceClass);
    for (const document of nodes) {
      const lendingLimit = document.spec.limits[resourceClass]?.lendingLimit ?? null;
      const owned = sums.get(document.metadata.id) ?? 0n;
      if (lendingLimit !== null && BigInt(lendingLimit) > owned) {
        problems.push({
          document,
          path: ["spec", "limits", resourceClass, "lendingLimit"],
          reason: {
            zh: `出借上限 ${lendingLimit} 大于本节点及下级的配额 ${owned}`,
            en: `the lending limit ${lendingLimit} exceeds the ${owned} that the node and those below it own`,
          },
        });
      }
    }
  }
  return problems;
}

/** What a node and everything below it own may not exceed the capacity of its cloud, or of all clouds. */
function checkCapacity(province: Province): DocumentProblem[] {
  const problems: DocumentProblem[] = [];
  for (const resourceClass of RESOURCE_CLASSES) {
    const capacities = new Map<string | null, bigint>();
    for (const pool of province.pools) {
      const row = pool.spec.inventories[resourceClass];
      if (row === undefined) continue;
      const capacity = BigInt(capacityOf(row.total, row.reserved, row.allocationRatioMilli));
      for (const key of [pool.spec.cloud, null]) capacities.set(key, (capacities.get(key) ?? 0n) + capacity);
    }
    const sums = subtreeNominals(province.quotaNodes, resourceClass);
    for (const document of province.quotaNodes) {
      if (document.spec.kind === "department") continue;
      const capacity = capacities.get(document.spec.cloud) ?? 0n;
      const owned = sums.get(document.metadata.id) ?? 0n;
      if (owned > capacity) {
        problems.push({
          document,
          path: ["spec", "limits", resourceClass],
          reason: {
            zh: `${resourceClass} 配额合计 ${owned}，超过资源池可用容量 ${capacity}`,
            en: `${resourceClass} quotas add up to ${owned}, more than the pools' capacity of ${capacity}`,
          },
        });
      }
    }
  }
  return problems;
}
