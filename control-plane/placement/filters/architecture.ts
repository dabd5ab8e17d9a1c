import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotPool } from "../snapshot.ts";

/** The edge computes nothing, so it is not bound to a CPU family; a copy has to start where it lies. */
export function architecture({ role, request }: Part, pool: SnapshotPool): readonly Refusal[] {
  const { architectures, xinchuang } = request.requirements;
  const { architecture: actual } = pool.facts;
  const mismatch = role !== "edge" && architectures.length > 0 && !architectures.includes(actual);
  const foreign = xinchuang && !pool.facts.xinchuang;
  if (!mismatch && !foreign) return NO_REFUSALS;
  const place = { cloudId: pool.cloudId, poolId: pool.id, role };
  const refusals: Refusal[] = [];
  if (mismatch) {
    const message = {
      zh: `资源池“${pool.name.zh}”的架构是 ${actual}，需要的是 ${architectures.join("、")}`,
      en: `Pool ${pool.name.en} is ${actual}, needed is ${architectures.join(" or ")}`,
    };
    refusals.push(refusal(place, "architecture.mismatch", message, { actual, required: architectures }));
  }
  if (foreign) {
    const message = {
      zh: `资源池“${pool.name.zh}”不是信创资源池`,
      en: `Pool ${pool.name.en} is not a xinchuang pool`,
    };
    refusals.push(refusal(place, "architecture.not_xinchuang", message, { actual: false, required: true }));
  }
  return refusals;
}
