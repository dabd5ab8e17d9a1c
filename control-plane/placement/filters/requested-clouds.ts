import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { SnapshotCloud } from "../snapshot.ts";

export function requestedClouds({ role, request }: Part, cloud: SnapshotCloud): readonly Refusal[] {
  const asked = request.requirements.cloudIds;
  if (asked.length === 0 || asked.includes(cloud.id)) return NO_REFUSALS;
  const message = {
    zh: `申请限定在 ${asked.join("、")}，不含“${cloud.name.zh}”`,
    en: `The request asks for ${asked.join(", ")}, not for ${cloud.name.en}`,
  };
  return [
    refusal({ cloudId: cloud.id, poolId: null, role }, "cloud.not_requested", message, {
      actual: cloud.id,
      required: asked,
    }),
  ];
}
