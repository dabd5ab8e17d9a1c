import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { type Happened, positionNow, readSince } from "../events/read-since.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { HOUR_MS, plus } from "../kernel/clock.ts";
import { listAssessments, openAssessments, wholeRunBy } from "./assessment-rows.ts";
import { unitOf } from "./estate-judge.ts";
import { changedForAll, followedTo, saveFollowed, tenanciesAt, tryFollowLock } from "./follow-rows.ts";
import { startAssessment } from "./start-run.ts";

const EVENTS_MAX = 5000;
/** What failed now would fail again at once, and leave a row each time. */
const AFTER_FAILURE_MS = HOUR_MS;
/** Where more has changed, looking at everything costs little more. */
const UNITS_MAX = 10_000;

/**
 * Orders what is due: everything once a day and whenever something changes that concerns all, otherwise the units
 * that were touched since the last time. Any number of workers may call this.
 */
export async function followChanges(app: Pick<App, "db" | "clock" | "ids" | "policies">): Promise<void> {
  await app.db.withTx(async (tx) => {
    if (!(await tryFollowLock(tx))) return;
    if ((await openAssessments(tx)).length > 0) return;
    const [newest] = await listAssessments(tx, "", 0);
    if (newest?.status === "failed" && app.clock.now() < plus(newest.createdAt, AFTER_FAILURE_MS)) return;
    // What a failed run was to look at is not known to have been looked at.
    const reason = newest?.status === "failed" ? "after a failure" : await reasonForAll(app, tx);
    if (reason === null) return followUnits(app, tx);
    // Before the run reads anything: whatever happens from here on is followed afterwards.
    await saveFollowed(tx, await positionNow(tx));
    await startAssessment(tx, app, { trigger: "schedule", reason });
  });
}

async function reasonForAll(app: Pick<App, "clock" | "policies">, tx: Tx): Promise<string | null> {
  const now = app.clock.now();
  const last = await wholeRunBy(tx, now);
  if (last?.startedAt == null || (await followedTo(tx)) === undefined) return "first";
  if (last.day !== chinaDate(now)) return "daily";
  const { fullDigest } = await app.policies.inForce(tx, now);
  if (last.policyDigest !== fullDigest) return "policies";
  return (await changedForAll(tx, last.startedAt)) ? "registers or evidence" : null;
}

async function followUnits(app: Pick<App, "clock" | "ids">, tx: Tx): Promise<void> {
  const from = await followedTo(tx);
  const base = await wholeRunBy(tx, app.clock.now());
  if (from === undefined || base === undefined) return;
  const { events, position } = await readSince(tx, from, EVENTS_MAX);
  const units = await unitsOf(tx, events);
  if (units.length > UNITS_MAX) {
    await startAssessment(tx, app, { trigger: "schedule", reason: "many changes" });
  } else if (units.length > 0) {
    const change = { baseId: base.id, units };
    await startAssessment(tx, app, { trigger: "change", reason: null, change });
  }
  if (position !== from) await saveFollowed(tx, position);
}

async function unitsOf(tx: Tx, events: readonly Happened[]): Promise<string[]> {
  const clouds = new Set<string>();
  const tenancies = new Set<string>();
  for (const { type, subjectId, data } of events) {
    if (type === "cloud.changed") clouds.add(subjectId);
    if (type === "tenancy.changed") tenancies.add(subjectId);
    if (type === "operation.changed" && typeof data.tenancyId === "string") tenancies.add(data.tenancyId);
  }
  for (const id of await tenanciesAt(tx, [...clouds])) tenancies.add(id);
  return [...[...clouds].map((id) => `cloud:${id}`), ...[...tenancies].map(unitOf)].sort();
}
