import type { AuditEvent } from "../audit/record.ts";
import { EVERYWHERE } from "../authz/scope.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import type { RequestId, TenancyId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { fileResize } from "../requests/file.ts";
import type { HoldingTenancy } from "./holder-rows.ts";
import type { ShrinkPlan } from "./shrink-plan.ts";

export interface Filed {
  readonly requestIds: readonly RequestId[];
  readonly audit: readonly AuditEvent[];
  readonly events: readonly EventDraft[];
}

const PURPOSE = "限额下调后的缩减计划 / reduction after a limit was lowered";

/** One request for each tenancy, whatever it is to give back; accepted, reviewed and approved like any other. */
export async function fileReductions(
  tx: Tx,
  ctx: Ctx,
  plans: readonly ShrinkPlan[],
  holders: ReadonlyMap<string, readonly HoldingTenancy[]>,
): Promise<Filed> {
  const tenancies = new Map([...holders.values()].flat().map((one) => [one.tenancyId, one]));
  const wanted = new Map<TenancyId, ResourceVector>();
  for (const { dimension, reductions } of plans) {
    for (const { tenancyId, to } of reductions) {
      const before = wanted.get(tenancyId) ?? tenancies.get(tenancyId)?.granted.resources ?? {};
      wanted.set(tenancyId, { ...before, [dimension]: to });
    }
  }
  const requestIds: RequestId[] = [];
  const audit: AuditEvent[] = [];
  const events: EventDraft[] = [];
  // Whose tenancies they are is no matter of the caller's scope: the limit is, and others decide on the requests.
  const everywhere = { ...ctx, scope: EVERYWHERE };
  for (const [tenancyId, resources] of [...wanted].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    const body = { kind: "resize" as const, tenancyId, purpose: PURPOSE, resources };
    const filed = await fileResize(tx, everywhere, body);
    if (filed === null) continue;
    requestIds.push(filed.row.id);
    audit.push(filed.audit);
    events.push(filed.event);
  }
  return { requestIds, audit, events };
}
