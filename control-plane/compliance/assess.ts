import { record } from "../audit/record.ts";
import type { App } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { publish } from "../events/publish.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { MINUTE_MS, plus } from "../kernel/clock.ts";
import { isFault } from "../kernel/fault.ts";
import type { PolicySet } from "../policy/policy-set.ts";
import { systemCaller } from "../provisioning/settle.ts";
import { assessmentEvent } from "./assessment-event.ts";
import {
  type AssessmentRow,
  deleteChunks,
  findAssessment,
  insertChunk,
  insertScores,
  openAssessments,
  saveAssessment,
  takeAssessment,
} from "./assessment-rows.ts";
import { batchesOf } from "./batches.ts";
import { chunkOf, packed } from "./chunk.ts";
import { controlsOf } from "./control.ts";
import { EstateJudge } from "./estate-judge.ts";
import { loadFrame } from "./estate-rows.ts";
import { evidenceBy } from "./evidence-rows.ts";
import { unitsNotSeenSince } from "./finding-rows.ts";
import { RunBook } from "./run-book.ts";
import { settleFindings } from "./settle-findings.ts";
import { sitesOf } from "./site-facts.ts";
import { Standing } from "./standing.ts";

/** Whoever does not speak for this long has been killed, and another worker begins the run anew. */
const LEASE_MS = 2 * MINUTE_MS;
const UNITS_PER_STEP = 500;

type Assessing = Pick<App, "db" | "clock" | "ids" | "policies">;

/** Carries out the oldest assessment that waits, if there is one; any number of workers may call this. */
export async function workOnAssessments(app: Assessing): Promise<void> {
  const taken = await app.db.withTx((tx) => take(app, tx));
  if (taken === null) return;
  const { run, rules } = taken;
  try {
    await carryOut(app, run, rules);
  } catch (error) {
    // The next schedule tries again; what was cut off by the database going away is begun anew instead.
    if (isFault(error, "database.unavailable") || isFault(error, "database.busy")) throw error;
    await app.db.withTx((tx) => fail(app, tx, run, error));
    throw error;
  }
}

interface Taken {
  readonly run: AssessmentRow;
  /** Those in force when the run was taken, whatever comes into force meanwhile. */
  readonly rules: PolicySet;
}

async function take(app: Assessing, tx: Tx): Promise<Taken | null> {
  const now = app.clock.now();
  // One at a time: two that write about the same findings would only wait for each other.
  if ((await openAssessments(tx)).some(({ leaseUntil }) => leaseUntil !== null && leaseUntil >= now))
    return null;
  const found = await takeAssessment(tx, now);
  if (found === undefined) return null;
  await deleteChunks(tx, found.id);
  const rules = await app.policies.inForce(tx, now);
  await saveAssessment(tx, found.id, {
    status: "running",
    startedAt: now,
    leaseUntil: plus(now, LEASE_MS),
    day: chinaDate(now),
    policyDigest: rules.fullDigest,
    controls: controlsOf(rules),
    progress: 0,
  });
  return { run: await findAssessment(tx, found.id), rules };
}

async function carryOut(app: Assessing, run: AssessmentRow, rules: PolicySet): Promise<void> {
  const at = run.startedAt ?? app.clock.now();
  const day = chinaDate(at);
  const frame = await app.db.read(loadFrame);
  const standing = new Standing(day, await app.db.read((tx) => evidenceBy(tx, at)));
  const sites = sitesOf(frame.topology, day, frame.sites);
  const judge = new EstateJudge(rules, { topology: frame.topology, sites, today: day });
  const book = new RunBook(run.controls ?? [], standing, judge.outcomes);
  book.read([day, run.policyDigest, [...frame.topology.clouds], [...frame.topology.pools], [...sites]]);
  const settling = { clock: app.clock, ids: app.ids, day, at };
  const missing = new Set(run.units ?? []);
  let no = 0;
  for await (const { input, assessed, progress } of batchesOf(app.db, run, frame, judge)) {
    book.read(input);
    const text = JSON.stringify(chunkOf(assessed, judge.outcomes));
    book.wrote(text);
    const body = await packed(text);
    const deficiencies = book.count(assessed);
    const units = [...new Set(assessed.map(({ resource }) => resource.unit))];
    for (const unit of units) missing.delete(unit);
    const chunkNo = no;
    await app.db.withTx(async (tx) => {
      await insertChunk(tx, run.id, chunkNo, body);
      await settleFindings(tx, settling, units, deficiencies);
      await saveAssessment(tx, run.id, { progress, leaseUntil: plus(app.clock.now(), LEASE_MS) });
    });
    no += 1;
  }
  await resolveGone(app, run, settling, [...missing]);
  await app.db.withTx((tx) => complete(app, tx, run, book));
}

/** What a run over everything has not met, or a run over some units has not found, is not there any more. */
async function resolveGone(
  app: Assessing,
  run: AssessmentRow,
  settling: Parameters<typeof settleFindings>[1],
  missing: readonly string[],
): Promise<void> {
  if (run.units !== null) {
    await app.db.withTx((tx) => settleFindings(tx, settling, missing, []));
    return;
  }
  for (let more = true; more; ) {
    more = await app.db.withTx(async (tx) => {
      const gone = await unitsNotSeenSince(tx, settling.at, UNITS_PER_STEP);
      await settleFindings(tx, settling, gone, []);
      return gone.length === UNITS_PER_STEP;
    });
  }
}

async function complete(app: Assessing, tx: Tx, run: AssessmentRow, book: RunBook): Promise<void> {
  const now = app.clock.now();
  const { resources, results, counts, inputDigest, resultsDigest } = book;
  if (run.units === null) {
    insertScores(
      tx,
      book.cells().map((cell) => ({ ...cell, assessmentId: run.id, at: now })),
    );
  }
  const found = { resources, results, counts, inputDigest, resultsDigest };
  await saveAssessment(tx, run.id, {
    ...found,
    status: "succeeded",
    progress: 100,
    completedAt: now,
    leaseUntil: null,
  });
  const { trigger, baseId, policyDigest, day, units } = run;
  const versions = Object.fromEntries((run.controls ?? []).map(({ id, version }) => [id, version]));
  const after = { trigger, baseId, day, units: units?.length ?? null, policyDigest, versions, ...found };
  await record(tx, systemContext(app, run), [
    { action: "assessment.complete", targetType: "assessment", targetId: run.id, after },
  ]);
  await publish(tx, app, [assessmentEvent({ ...run, status: "succeeded", progress: 100 })]);
}

async function fail(app: Assessing, tx: Tx, run: AssessmentRow, error: unknown): Promise<void> {
  const problem = error instanceof Error ? error.message : String(error);
  await saveAssessment(tx, run.id, { status: "failed", problem: problem.slice(0, 500), leaseUntil: null });
  await record(tx, systemContext(app, run), [
    { action: "assessment.fail", outcome: "failed", targetType: "assessment", targetId: run.id },
  ]);
  await publish(tx, app, [assessmentEvent({ ...run, status: "failed" })]);
}

function systemContext(app: Assessing, run: AssessmentRow) {
  return { ...systemCaller(run.id), clock: app.clock, ids: app.ids };
}
