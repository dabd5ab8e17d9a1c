import type { RequestFacts } from "../../policy/facts.ts";
import type { SnapshotPool } from "../snapshot.ts";

/**
 * The order in which the request names its architectures is an order of preference. Where it names none,
 * xinchuang comes first: Guangdong's rule of 2023 is that it is the norm and anything else the exception.
 */
export function architecturePreference(request: RequestFacts, pool: SnapshotPool): number {
  const { architectures } = request.requirements;
  if (architectures.length === 0) return pool.facts.xinchuang ? 100 : 0;
  const index = architectures.indexOf(pool.facts.architecture);
  return index < 0 ? 0 : 100 - Math.floor((100 * index) / architectures.length);
}
