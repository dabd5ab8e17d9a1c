import { fault } from "../kernel/fault.ts";
import { operationEvent } from "../provisioning/operation-event.ts";
import { retryOperation as retryNow } from "../provisioning/retry.ts";
import { LIVE } from "../requests/lifecycle.ts";
import { lockTenancy } from "../tenancies/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { getInScope, isSuperseded } from "./rows.ts";
import { type Operation, operationView, RetryOperation } from "./wire.ts";

/** Has a failed operation tried again, once its cause is mended. Only the last operation of a living tenancy can be. */
export const retryOperation = defineVerb({
  name: "operation.retry",
  permission: "operation.retry",
  input: RetryOperation,
  async run(tx, ctx, { id, ifMatch }): Promise<Outcome<Operation>> {
    const { tenancyId } = await getInScope(tx, ctx.scope, id);
    // The worker locks the tenancy before its operation; the other order could lock both out.
    const tenancy = await lockTenancy(tx, tenancyId);
    const before = await getInScope(tx, ctx.scope, id, true);
    if (ifMatch !== undefined && ifMatch !== before.generation) {
      throw fault("http.precondition_failed", { generation: before.generation });
    }
    if (tenancy === undefined || !LIVE.includes(tenancy.status)) {
      throw fault("operation.not_retryable", { tenancyStatus: tenancy?.status ?? null });
    }
    if (await isSuperseded(tx, before)) throw fault("operation.not_retryable", { superseded: true });
    const after = await retryNow(tx, ctx, before);
    await ctx.queue.forget(tx, tenancyId);
    return {
      result: operationView(after, ctx.clock.now()),
      audit: {
        action: "operation.retry",
        targetType: "operation",
        targetId: after.id,
        organizationId: after.organizationId,
        cloudId: after.cloudId,
        before: { status: before.status, error: before.error },
        after: { status: after.status, error: after.error },
      },
      events: [operationEvent(after)],
    };
  },
});
