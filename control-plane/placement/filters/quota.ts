import { add, amountOf, entriesOf, type ResourceVector } from "../../kernel/quantity.ts";
import {
  addUsages,
  available,
  frozenAt,
  type QuotaChain,
  type QuotaShortfall,
  shortfalls,
  type UsageChange,
  withUsage,
} from "../../quota/tree.ts";
import type { PartRole } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotCloud } from "../snapshot.ts";

/** What one or more parts on one cloud need beyond what they hold. */
export interface QuotaNeed {
  readonly role: PartRole;
  readonly cloud: SnapshotCloud;
  readonly growth: ResourceVector;
}

/** Needs on one cloud are one claim; its role is that of the first. */
function merged(needs: readonly QuotaNeed[]): QuotaNeed[] {
  const byCloud = new Map<string, QuotaNeed>();
  for (const need of needs) {
    const known = byCloud.get(need.cloud.id);
    byCloud.set(
      need.cloud.id,
      known === undefined ? need : { ...known, growth: add(known.growth, need.growth) },
    );
  }
  return [...byCloud.values()];
}

/**
 * Whether the needs fit together. Chains of different clouds meet at the province, so what an earlier cloud
 * takes there is no longer there for the next one, and shows in its `used`.
 */
export function quota(needs: readonly QuotaNeed[]): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const taken: UsageChange[] = [];
  for (const { role, cloud, growth } of merged(needs)) {
    if (cloud.quotaChain === null) {
      refusals.push(noNode(role, cloud));
      continue;
    }
    const chain = withUsage(cloud.quotaChain, taken);
    const missing = shortfalls(chain, growth);
    for (const shortfall of missing) refusals.push(exceeded(role, cloud, shortfall));
    if (missing.length === 0) taken.push(...addUsages(chain, growth));
  }
  return refusals.length === 0 ? NO_REFUSALS : refusals;
}

/**
 * True where a need fits for certain, whatever of the tree the other parts count in: what they take there takes no
 * more than their own amount from here. Quick, and no answer where it says no; then `quota` knows.
 */
export function fitsBeside(
  { cloud, growth }: QuotaNeed,
  others: readonly Pick<QuotaNeed, "growth">[],
): boolean {
  const chain = cloud.quotaChain;
  if (chain === null) return false;
  const all = others.reduce((sum, other) => add(sum, other.growth), growth);
  return entriesOf(growth).every(
    ([name]) => frozenAt(chain, name) === null && amountOf(all, name) <= available(chain, name),
  );
}

/** The node that a claim on the cloud counts against. */
export function nodeOf(chain: QuotaChain) {
  return chain[0].id;
}

function noNode(role: PartRole, cloud: SnapshotCloud): Refusal {
  return refusal({ cloudId: cloud.id, poolId: null, role }, "quota.no_node", {
    zh: `本单位在“${cloud.name.zh}”没有配额`,
    en: `The organization has no quota on ${cloud.name.en}`,
  });
}

function exceeded(role: PartRole, cloud: SnapshotCloud, shortfall: QuotaShortfall): Refusal {
  const { dimension, level, nodeId, limit, used, borrowed, missing, available, requested } = shortfall;
  return refusal(
    { cloudId: cloud.id, poolId: null, role },
    shortfall.frozen ? "quota.frozen" : "quota.exceeded",
    shortfall.frozen
      ? {
          zh: `${nodeId} 超出下调后的 ${dimension} 限额（上限 ${limit}，已用 ${used}），已冻结增长`,
          en: `${nodeId} is over its lowered limit of ${dimension} (limit ${limit}, used ${used}): growth is frozen`,
        }
      : {
          zh: `${dimension} 配额缺 ${missing}：受限于 ${nodeId}，上限 ${limit}，已用 ${used}，还可申请 ${available}，需要 ${requested}`,
          en: `Quota lacks ${missing} ${dimension}: bound by ${nodeId}, limit ${limit}, used ${used}, still available ${available}, needed ${requested}`,
        },
    {
      dimension,
      level,
      nodeId,
      limit,
      used,
      held: 0,
      borrowed,
      missing,
      fitting: available,
      actual: available,
      required: requested,
    },
  );
}
