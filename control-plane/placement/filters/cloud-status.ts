import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotCloud } from "../snapshot.ts";

/** A cloud that is suspended, does not answer or was not looked through for long takes nothing new; none is a shortage. */
export function cloudStatus({ role }: Part, cloud: SnapshotCloud): readonly Refusal[] {
  if (cloud.status === "active" && !cloud.stale && cloud.outdated === undefined) return NO_REFUSALS;
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
  if (cloud.outdated !== undefined) {
    const { ageMinutes, limitMinutes } = cloud.outdated;
    const message = {
      zh: `“${cloud.name.zh}”的同步信息已过期（${ageMinutes} 分钟，上限 ${limitMinutes} 分钟）`,
      en: `What is known of ${cloud.name.en} is ${ageMinutes} minutes old, more than ${limitMinutes}`,
    };
    refusals.push(refusal(place, "cloud.outdated", message, { actual: ageMinutes, required: limitMinutes }));
  }
  return refusals;
}
