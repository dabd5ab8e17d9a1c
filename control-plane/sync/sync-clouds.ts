import { bulkhead } from "cockatiel";
import { isNotFound, ProviderFault } from "../../providers/faults.ts";
import type { CallOptions, CloudProvider } from "../../providers/port.ts";
import type { App } from "../context.ts";
import { removalsOrdered } from "../findings/store.ts";
import { updateFindings } from "../findings/update-findings.ts";
import { MINUTE_MS } from "../kernel/clock.ts";
import type { CloudId } from "../kernel/ids.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { adoptCapacity } from "./adopt-capacity.ts";
import { isDue } from "./due.ts";
import { type Look, lookThrough } from "./look.ts";
import { explainedNames, lastTurns, saveCapacity, saveProblem, saveSync, takeTurn } from "./rows.ts";
import { straysIn } from "./strays.ts";

/** Clouds looked through at the same time; those that hang leave room for the others. */
const CONCURRENT = 32;

/** Looks through every cloud whose turn it is. One that fails is said to, and keeps none of the others waiting. */
export async function syncClouds(app: App, clouds: Clouds): Promise<void> {
  const now = app.clock.now();
  const turns = await app.db.withTx(lastTurns);
  const due = turns.filter((turn) => isDue(turn, now, app.config.SYNC_MINUTES * MINUTE_MS));
  const lanes = bulkhead(CONCURRENT, Number.POSITIVE_INFINITY);
  await Promise.all(
    due.map(({ cloudId, attemptedAt }) =>
      lanes.execute(async () => {
        const mine = await app.db.withTx((tx) => takeTurn(tx, cloudId, attemptedAt, app.clock.now()));
        if (mine) await syncCloud(app, clouds, cloudId);
      }),
    ),
  );
}

async function syncCloud(app: App, clouds: Clouds, cloudId: CloudId): Promise<void> {
  const begun = app.clock.now();
  try {
    const provider = await clouds.open(cloudId);
    // A look that takes longer than its period gives way to the next one.
    const signal = AbortSignal.timeout(app.config.SYNC_MINUTES * MINUTE_MS);
    const options = { requestId: `sync ${cloudId}`, signal };
    await carryOutRemovals(app, provider, cloudId, begun, options);
    await keep(app, cloudId, begun, await lookThrough(provider, options));
    await adoptCapacity(app, cloudId);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const problem = `${error.kind}: ${error.message}`;
    await app.db.withTx((tx) => saveProblem(tx, cloudId, problem, app.clock.now()));
  }
}

async function keep(app: App, cloudId: CloudId, begun: Date, look: Look): Promise<void> {
  await app.db.withTx(async (tx) => {
    const { clock, ids } = app;
    if (look.capacity !== null) await saveCapacity(tx, cloudId, look.capacity, begun);
    const explained = await explainedNames(tx, cloudId, begun);
    const found = straysIn(look.tenancies, new Set(explained), app.config.INSTALLATION);
    await updateFindings(tx, { ...systemCaller(`sync ${cloudId}`), clock, ids }, cloudId, found);
    await saveSync(tx, cloudId, { syncedAt: begun, tenancies: look.tenancies.length });
    await saveProblem(tx, cloudId, null, begun);
  });
}

/** What somebody has ordered removed; each time it is made sure anew that it is ours and that nobody lives in it. */
async function carryOutRemovals(
  app: App,
  provider: CloudProvider,
  cloudId: CloudId,
  begun: Date,
  options: CallOptions,
): Promise<void> {
  const { ordered, explained } = await app.db.withTx(async (tx) => ({
    ordered: await removalsOrdered(tx, cloudId),
    explained: new Set(await explainedNames(tx, cloudId, begun)),
  }));
  for (const { subject } of ordered) {
    if (explained.has(subject)) continue;
    try {
      const shown = await provider.getTenancy(subject, options);
      if (shown.ownership?.installation !== app.config.INSTALLATION) continue;
      await provider.removeTenancy(subject, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
