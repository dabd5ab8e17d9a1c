import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotPool } from "../snapshot.ts";

/** The CPU family counts as a trait too, so that one can be ruled out without naming all others. */
export function forbiddenTraits({ role, request }: Part, pool: SnapshotPool): readonly Refusal[] {
  const { forbiddenTraits: forbidden } = request.requirements;
  if (forbidden.length === 0) return NO_REFUSALS;
  const { traits, architecture } = pool.facts;
  const found = forbidden.filter((trait) => trait === architecture || traits.includes(trait));
  if (found.length === 0) return NO_REFUSALS;
  const message = {
    zh: `资源池“${pool.name.zh}”带有申请排除的特征：${found.join("、")}`,
    en: `Pool ${pool.name.en} has traits that the request rules out: ${found.join(", ")}`,
  };
  return [
    refusal({ cloudId: pool.cloudId, poolId: pool.id, role }, "trait.forbidden", message, {
      actual: found,
      required: [],
    }),
  ];
}
