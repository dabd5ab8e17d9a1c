import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { AccountId, AssessmentId } from "../kernel/ids.ts";
import { type AssessmentRow, insertAssessment } from "./assessment-rows.ts";

interface Order {
  readonly trigger: AssessmentRow["trigger"];
  readonly reason: string | null;
  readonly requestedBy?: AccountId | null;
  /** Absent: everything. */
  readonly change?: { readonly baseId: AssessmentId; readonly units: readonly string[] };
}

/** Leaves a run for the workers. */
export async function startAssessment(
  tx: Tx,
  { clock, ids }: Pick<App, "clock" | "ids">,
  { trigger, reason, requestedBy = null, change }: Order,
): Promise<AssessmentRow> {
  return insertAssessment(tx, {
    id: ids.next("asr"),
    trigger,
    status: "pending",
    requestedBy,
    reason,
    units: change === undefined ? null : [...change.units],
    baseId: change?.baseId ?? null,
    createdAt: clock.now(),
  });
}
