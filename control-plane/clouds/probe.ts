import { ProviderFault } from "../../providers/faults.ts";
import type { Supports } from "../../providers/port.ts";
import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import { publish } from "../events/publish.ts";
import { plus } from "../kernel/clock.ts";
import type { Clouds } from "../provisioning/clouds.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { allConnections, type CloudConnection, saveHealth } from "./store.ts";

/** A cloud that answered is asked again after this long; one that did not, every time. */
const ANSWER_HOLDS_MS = 55_000;

/** Whoever takes longer, repeats included, is away: the next round, which waits for this one, is due once a minute. */
const ANSWER_WITHIN_MS = 45_000;

/** Asks the clouds whether they are there, all at once: one that hangs keeps none of the others waiting. */
export async function probeClouds(app: App, clouds: Clouds): Promise<void> {
  const rows = await app.db.withTx((tx) => allConnections(tx));
  const freshSince = plus(app.clock.now(), -ANSWER_HOLDS_MS);
  const due = rows.filter(
    ({ reachable, lastProbedAt }) => !reachable || lastProbedAt === null || lastProbedAt < freshSince,
  );
  await Promise.all(due.map((row) => probeCloud(app, clouds, row)));
}

async function probeCloud(app: App, clouds: Clouds, row: CloudConnection): Promise<void> {
  const told = await ask(clouds, row);
  const problem = typeof told === "string" ? told : null;
  const changed = (problem === null) !== row.reachable;
  await app.db.withTx(async (tx) => {
    const now = app.clock.now();
    await saveHealth(tx, row.id, told, now);
    if (!changed) return;
    const caller = { ...systemCaller(`probe ${row.id}`), clock: app.clock, ids: app.ids };
    await record(tx, caller, [
      {
        action: "cloud.probe",
        targetType: "cloud",
        targetId: row.id,
        cloudId: row.id,
        outcome: problem === null ? "succeeded" : "failed",
        reason: problem,
        before: { reachable: row.reachable },
        after: { reachable: problem === null },
      },
    ]);
    const data = { reachable: problem === null };
    await publish(tx, app, [
      { type: "cloud.changed", subjectId: row.id, organizationId: null, cloudId: row.id, data },
    ]);
  });
}

/** What the cloud can do, or why it did not say. */
async function ask(clouds: Clouds, row: CloudConnection): Promise<Supports | string> {
  // Begins with the call: what it takes to get there says nothing about the cloud.
  let deadline: AbortSignal | null = null;
  try {
    const provider = await clouds.open(row.id);
    deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const { supports } = await provider.probe({ requestId: `probe ${row.id}`, signal: deadline });
    return supports;
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    if (deadline?.aborted) return `Unavailable: no answer within ${ANSWER_WITHIN_MS / 1000} seconds`;
    return `${error.kind}: ${error.message}`;
  }
}
