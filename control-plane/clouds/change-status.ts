import { covers } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import type { Outcome } from "../verb.ts";
import type { Cloud } from "./cloud-view.ts";
import { type CloudRow, getCloudRow, saveStatus } from "./rows.ts";
import { showCloud } from "./show-clouds.ts";

interface StatusChange {
  readonly id: string;
  readonly reason: string;
  readonly ifMatch?: number | undefined;
}

/** A cloud that is in the wanted status already stays as it is: twice equals once. */
export async function changeStatus(
  tx: Tx,
  ctx: Ctx,
  { id, reason, ifMatch }: StatusChange,
  status: CloudRow["status"],
): Promise<Outcome<Cloud>> {
  const before = await getCloudRow(tx, id, true);
  // Everybody sees every cloud, so that a foreign one is refused instead of hidden.
  if (!covers(ctx.scope, { cloudId: before.id })) throw fault("auth.forbidden", { cloudId: before.id });
  if (ifMatch !== undefined && ifMatch !== before.generation) {
    throw fault("http.precondition_failed", { generation: before.generation });
  }
  if (before.status === status) return { result: await showCloud(tx, ctx, before), audit: [] };
  const after = await saveStatus(tx, before, status);
  return {
    result: await showCloud(tx, ctx, after),
    audit: {
      action: status === "suspended" ? "cloud.suspend" : "cloud.resume",
      targetType: "cloud",
      targetId: after.id,
      cloudId: after.id,
      reason,
      before: { status: before.status, generation: before.generation },
      after: { status: after.status, generation: after.generation },
    },
    events: [
      {
        type: "cloud.changed",
        subjectId: after.id,
        organizationId: null,
        cloudId: after.id,
        data: { status, generation: after.generation },
      },
    ],
  };
}
