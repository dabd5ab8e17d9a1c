import { isTransient, type ProviderFault } from "../../providers/faults.ts";
import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import { knownId, type TenancyId } from "../kernel/ids.ts";
import { LIVE } from "../requests/lifecycle.ts";
import { lockTenancy } from "../tenancies/store.ts";
import { operationEvent } from "./operation-event.ts";
import { stoppedAt } from "./plan-operation.ts";
import { beginRepair } from "./repair.ts";
import { openOperation, saveOperation } from "./rows.ts";
import { systemCaller } from "./settle.ts";

/** A transient failure is shown and tried again; any other ends the operation until a person retries it. */
export async function recordFailure(app: App, tenancyId: TenancyId, error: ProviderFault): Promise<void> {
  await app.db.withTx(async (tx) => {
    const transient = isTransient(error);
    const tenancy = await lockTenancy(tx, tenancyId);
    const open = await openOperation(tx, tenancyId);
    // A cloud that is away for a moment says nothing about a tenancy of which nothing is wanted.
    if (tenancy === undefined || !LIVE.includes(tenancy.status) || (open === undefined && transient)) return;
    const operation = open ?? (await beginRepair(tx, app, tenancy));
    const shown = shownOf(error);
    // Looked at again meanwhile, and still the same.
    if (operation.status === "failed" && !transient && operation.error?.message === shown.message) return;
    const now = app.clock.now();
    const change = transient
      ? { status: "running" as const, error: shown }
      : { status: "failed" as const, error: shown, steps: stoppedAt(operation.steps, now) };
    const saved = await saveOperation(tx, operation, change, now);
    await publish(tx, app, [operationEvent(saved)]);
    if (transient) return;
    await record(tx, { ...systemCaller(operation.id), clock: app.clock, ids: app.ids }, [
      {
        action: "operation.failed",
        outcome: "failed",
        targetType: "operation",
        targetId: operation.id,
        organizationId: operation.organizationId,
        cloudId: operation.cloudId,
        reason: shown.code,
        after: shown,
      },
    ]);
  });
}

/** The queue has given up on repeats: the operation has failed until a person, or a later look, retries it. */
export async function setAside(app: App, key: string): Promise<void> {
  await app.db.withTx(async (tx) => {
    // The queue lays this job there in a moment, and one of a kind says enough.
    await app.queue.forget(tx, key);
    const operation = await openOperation(tx, knownId<TenancyId>(key));
    if (operation === undefined || operation.status === "failed") return;
    const error = operation.error ?? {
      code: "internal.unexpected",
      message: "failed",
      messageZh: "执行失败",
      transient: true,
    };
    const now = app.clock.now();
    const change = { status: "failed" as const, error, steps: stoppedAt(operation.steps, now) };
    const failed = await saveOperation(tx, operation, change, now);
    await publish(tx, app, [operationEvent(failed)]);
  });
}

/** Marks the fault of a cloud that accepts a call again and again without effect. */
export const VAIN_REPEATS = "vain_repeats";

function shownOf(error: ProviderFault) {
  return {
    code: `provider.${error.kind}`,
    message: error.message,
    messageZh: error.vendorCode === VAIN_REPEATS ? VAIN_REPEATS_ZH : PROVIDER_FAULTS_ZH[error.kind],
    transient: isTransient(error),
  };
}

const VAIN_REPEATS_ZH = "云平台多次接受请求，对象却仍不符合要求，需人工处理";

const PROVIDER_FAULTS_ZH: Record<ProviderFault["kind"], string> = {
  NotFound: "云上找不到所需对象",
  Capacity: "云平台报告容量不足",
  Conflict: "与云上现有对象冲突：同名对象不属于本系统，或其状态不允许此操作",
  Throttled: "云平台限流",
  Denied: "云平台拒绝：凭据或权限不足",
  Unavailable: "云平台暂不可用",
  Invalid: "云平台认为请求无效",
};
