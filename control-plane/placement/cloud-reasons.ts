import type { Part } from "./demand.ts";
import { capability } from "./filters/capability.ts";
import { cloudStatus } from "./filters/cloud-status.ts";
import type { Refusal } from "./refusal.ts";
import type { SnapshotCloud } from "./snapshot.ts";

/** Everything that stands against a cloud as a whole: its state, and what it cannot do. */
export function cloudReasons(part: Part, cloud: SnapshotCloud): readonly Refusal[] {
  const closed = cloudStatus(part, cloud);
  const unable = capability(part, cloud);
  return unable.length === 0 ? closed : [...closed, ...unable];
}
