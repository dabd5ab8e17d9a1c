import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotPool } from "../snapshot.ts";

export function poolStatus({ role }: Part, pool: SnapshotPool): readonly Refusal[] {
  if (pool.status === "active") return NO_REFUSALS;
  const message = { zh: `资源池“${pool.name.zh}”已暂停服务`, en: `Pool ${pool.name.en} is suspended` };
  return [
    refusal({ cloudId: pool.cloudId, poolId: pool.id, role }, "pool.suspended", message, {
      actual: pool.status,
      required: "active",
    }),
  ];
}
