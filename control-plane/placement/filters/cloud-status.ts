import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotCloud } from "../snapshot.ts";

/** A cloud that is suspended or does not answer takes nothing new; neither is a shortage. */
export function cloudStatus({ role }: Part, cloud: SnapshotCloud): readonly Refusal[] {
  if (cloud.status === "active" && !cloud.stale) return NO_REFUSALS;
  const place = { cloudId: cloud.id, poolId: null, role };
  const refusals: Refusal[] = [];
  if (cloud.status !== "active") {
    const message = { zh: `“${cloud.name.zh}”已暂停服务`, en: `${cloud.name.en} is suspended` };
    refusals.push(refusal(place, "cloud.suspended", message, { actual: cloud.status, required: "active" }));
  }
  if (cloud.stale) {
    const message = {
      zh: `“${cloud.name.zh}”暂时联系不上，其余量未知`,
      en: `${cloud.name.en} does not answer, so what it has left is unknown`,
    };
    refusals.push(refusal(place, "cloud.stale", message));
  }
  return refusals;
}
