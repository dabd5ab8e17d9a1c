import { isNotFound, isTransient, ProviderFault } from "../../providers/faults.ts";
import type { CallOptions, CloudProvider, WipeReceipt } from "../../providers/port.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import { knownId, type TenancyId } from "../kernel/ids.ts";
import { LIVE } from "../requests/lifecycle.ts";
import { lockTenancy, type PlacementRow, placementsOf } from "../tenancies/store.ts";
import type { Clouds } from "./clouds.ts";
import { nameIn, type ObservedPlacement } from "./desired.ts";
import { diff, isOwn, type ProvisioningStep } from "./diff.ts";
import { recordFailure, VAIN_REPEATS } from "./failure.ts";
import { observe } from "./observe.ts";
import { progressOf } from "./operation.ts";
import { operationEvent } from "./operation-event.ts";
import { progressed } from "./plan-operation.ts";
import { driftFound } from "./repair.ts";
import { driftReported, isToBeRepaired } from "./report-drift.ts";
import {
  openOperation,
  recordIntent,
  saveObserved,
  saveOperation,
  saveWipeReceipt,
  settleIntent,
} from "./rows.ts";
import { settle } from "./settle.ts";

export interface ReconcileOptions {
  readonly clouds: Clouds;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Aborted when the process is to end: the job stops at its next look, and the next start goes on. */
  readonly stopping?: AbortSignal;
}

/** How long one job looks on while a cloud works; after that the job comes back later. */
const PASSES_MAX = 40;
const PAUSE_MS = 250;

/** A cloud that says yes so often, and yet shows something else, is in error: a person has to look. */
const VAIN_REPEATS_MAX = 100;

/**
 * Brings one tenancy to what is desired: observe, compare, record the intent, call, observe again. It takes
 * no instructions and may stop after any line: the next run starts from what the clouds show.
 */
export async function reconcileTenancy(
  app: App,
  key: string,
  { clouds, pause, stopping }: ReconcileOptions,
): Promise<void> {
  const tenancyId = knownId<TenancyId>(key);
  try {
    for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
      if (stopping?.aborted) return;
      const waiting = await onePass(app, tenancyId, clouds);
      if (waiting === "done") return settle(app, tenancyId);
      if (waiting === "gone") return;
      if (waiting === "wait") await pause(PAUSE_MS);
    }
    await app.db.withTx((tx) => app.queue.enqueue(tx, "tenancy.reconcile", key));
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    app.log.warn({ err: error, tenancyId, vendorCode: error.vendorCode }, "provisioning call failed");
    await recordFailure(app, tenancyId, error);
    if (isTransient(error)) throw error;
  }
}

type PassResult = "done" | "wait" | "again" | "gone";

async function onePass(app: App, tenancyId: TenancyId, clouds: Clouds): Promise<PassResult> {
  const placements = await load(app, tenancyId);
  if (placements === null) return "gone";
  const results: PlacementResult[] = [];
  const faults: ProviderFault[] = [];
  for (const placement of placements) {
    try {
      const result = await onePlacement(app, placement, clouds);
      if (result === "again") return "again";
      results.push(result);
    } catch (error) {
      // What one cloud does not let happen keeps the other parts from nothing.
      if (!(error instanceof ProviderFault)) throw error;
      faults.push(error);
    }
  }
  const [first] = faults;
  if (first !== undefined) throw first;
  await showProgress(app, tenancyId);
  // Clouds answer a change with "creating" first, so looking again at once would tell nothing.
  return results.includes("changed") ? "wait" : "done";
}

type PlacementResult = "settled" | "changed" | "again";

async function onePlacement(app: App, placement: PlacementRow, clouds: Clouds): Promise<PlacementResult> {
  const { tenancyId } = placement;
  const provider = await clouds.open(placement.cloudId);
  const observed = await observe(provider, nameIn(placement.desired), { requestId: tenancyId });
  assertOurs(app, placement, observed);
  const steps = diff(placement.desired, observed);
  if (steps.length === 0) {
    await converged(app, placement, observed, provider);
    return "settled";
  }
  if (placement.observedGeneration >= placement.desiredGeneration) {
    // It was as desired before: somebody changed it at the cloud.
    if (await isToBeRepaired(app, placement, observed)) {
      await driftFound(app, tenancyId, placement, observed, steps);
      return "again";
    }
    await driftReported(app, tenancyId, placement, observed);
    return "settled";
  }
  await app.db.withTx((tx) =>
    saveObserved(tx, placement, observed, placement.observedGeneration, app.clock.now()),
  );
  for (const step of steps) {
    if (!(await take(app, provider, placement, step, tenancyId))) return "again";
  }
  return "changed";
}

/** A name that somebody else took is never changed or removed, whatever our records say. */
function assertOurs(app: App, placement: PlacementRow, { tenancy }: ObservedPlacement): void {
  const owner = { installation: app.config.INSTALLATION, placementId: placement.id };
  if (tenancy === null || isOwn(tenancy, owner)) return;
  // What is taken over bears no mark yet.
  if (placement.desired.state === "present" && placement.desired.found && tenancy.ownership === null) return;
  throw new ProviderFault("Conflict", `${tenancy.name} exists at the cloud and is not ours`);
}

/** Null where there is nothing left to do for the tenancy. */
async function load(app: App, tenancyId: TenancyId): Promise<PlacementRow[] | null> {
  return app.db.withTx(async (tx) => {
    const tenancy = await lockTenancy(tx, tenancyId);
    if (tenancy === undefined || !LIVE.includes(tenancy.status)) return null;
    const operation = await openOperation(tx, tenancyId);
    if (operation?.status === "pending") {
      const now = app.clock.now();
      const running = await saveOperation(tx, operation, { status: "running" }, now);
      await publish(tx, app, [operationEvent(running)]);
    }
    return placementsOf(tx, tenancyId);
  });
}

/**
 * Writes the intent before the call and its end after it; the token makes a repeated call harmless.
 * False, and no call, where something else is desired by now: another worker may have acted on it already.
 */
async function take(
  app: App,
  provider: CloudProvider,
  placement: PlacementRow,
  step: ProvisioningStep,
  requestId: string,
): Promise<boolean> {
  if (step.action === "wait") return true;
  const intent = await app.db.withTx((tx) =>
    recordIntent(tx, placement, `${step.action}:${step.key}`, app.clock.now()),
  );
  if (intent === null) return false;
  if (intent.vainRepeats >= VAIN_REPEATS_MAX) {
    const message = `${step.key} is still not as asked after ${VAIN_REPEATS_MAX} repeats`;
    throw new ProviderFault("Conflict", message, { vendorCode: VAIN_REPEATS });
  }
  const name = nameIn(placement.desired);
  try {
    await call(provider, name, step, intent.clientToken, requestId);
  } catch (error) {
    const reason = error instanceof ProviderFault ? `${error.kind}: ${error.message}` : "defect";
    await app.db.withTx((tx) => settleIntent(tx, intent.id, "failed", reason, app.clock.now()));
    throw error;
  }
  await app.db.withTx((tx) => settleIntent(tx, intent.id, "done", null, app.clock.now()));
  return true;
}

async function call(
  provider: CloudProvider,
  tenancy: string,
  step: Exclude<ProvisioningStep, { action: "wait" }>,
  clientToken: string,
  requestId: string,
): Promise<void> {
  const options = { requestId };
  switch (step.action) {
    case "ensure-tenancy":
      await provider.ensureTenancy(step.spec, clientToken, options);
      return;
    case "adopt-tenancy":
      await provider.adoptTenancy(tenancy, step.ownership, options);
      return;
    case "ensure-instance":
      await provider.ensureInstance(tenancy, step.spec, clientToken, options);
      return;
    case "remove-instance":
      return untilGone(() => provider.removeInstance(tenancy, step.name, options));
    case "remove-tenancy":
      return untilGone(() => provider.removeTenancy(step.name, options));
  }
}

/** Removal that finds nothing has succeeded; whether more is left shows the next observation. */
async function untilGone(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function converged(
  app: App,
  placement: PlacementRow,
  observed: ObservedPlacement,
  provider: CloudProvider,
): Promise<void> {
  const receipt =
    placement.desired.state === "absent" && placement.wipeReceipt === null
      ? await receiptOf(provider, placement.desired.name, { requestId: placement.tenancyId })
      : null;
  await app.db.withTx(async (tx) => {
    await saveObserved(tx, placement, observed, placement.desiredGeneration, app.clock.now());
    if (receipt !== null) await saveWipeReceipt(tx, placement.id, receipt);
  });
}

/** Null where the cloud has none: its kind keeps none, nothing was ever made there, or somebody else took it away. */
async function receiptOf(
  provider: CloudProvider,
  name: string,
  options: CallOptions,
): Promise<WipeReceipt | null> {
  if (!provider.supports.wipeReceipt) return null;
  try {
    return await provider.wipeReceipt(name, options);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

async function showProgress(app: App, tenancyId: TenancyId): Promise<void> {
  await app.db.withTx(async (tx) => {
    const operation = await openOperation(tx, tenancyId);
    if (operation === undefined) return;
    const states = (await placementsOf(tx, tenancyId)).map((placement) => ({
      ...placement,
      converged: placement.observedGeneration >= placement.desiredGeneration,
    }));
    const now = app.clock.now();
    const steps = progressed(operation.steps, states, now);
    if (JSON.stringify(steps) === JSON.stringify(operation.steps)) return;
    const change = { status: "running" as const, steps, progress: progressOf(steps), error: null };
    await publish(tx, app, [operationEvent(await saveOperation(tx, operation, change, now))]);
  });
}
