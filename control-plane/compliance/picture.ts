import type { Database } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { type AssessmentRow, changeRunsBy, chunkAt, wholeRunBy } from "./assessment-rows.ts";
import { unpacked } from "./chunk.ts";
import type { Control } from "./control.ts";
import { evidenceBy } from "./evidence-rows.ts";
import type { Resource } from "./resource.ts";
import { type SettledResult, settleVerdict } from "./settle-verdict.ts";
import { type EvidenceRef, Standing } from "./standing.ts";

/** What was known at a moment: the last look at everything, and the looks at what has changed since. */
export interface Picture {
  readonly instant: Date;
  /** The day in China. */
  readonly day: string;
  readonly whole: AssessmentRow;
  readonly changes: readonly AssessmentRow[];
  readonly controls: readonly Control[];
  readonly evidence: readonly EvidenceRef[];
  readonly standing: Standing;
}

/** @throws report.no_assessment where nothing had been assessed by then */
export async function pictureAt(db: Database, instant: Date): Promise<Picture> {
  return db.read(async (tx) => {
    const whole = await wholeRunBy(tx, instant);
    const day = chinaDate(instant);
    if (whole === undefined) throw fault("report.no_assessment", { day });
    const evidence = await evidenceBy(tx, instant);
    return {
      instant,
      day,
      whole,
      changes: await changeRunsBy(tx, whole.id, instant),
      controls: whole.controls ?? [],
      evidence,
      standing: new Standing(day, evidence),
    };
  });
}

export interface SettledResource {
  readonly resource: Resource;
  readonly results: readonly SettledResult[];
  /** When it was looked at last, as far as the picture goes. */
  readonly seenAt: Date;
}

/** Every resource of the picture with its results, some units at a time, always in the same order. */
export async function* resourcesIn(
  db: Database,
  picture: Picture,
  wanted: (resource: Resource) => boolean,
): AsyncGenerator<readonly SettledResource[]> {
  const runs = [picture.whole, ...picture.changes];
  const latest = new Map<string, number>();
  for (const [at, { units }] of runs.entries()) for (const unit of units ?? []) latest.set(unit, at);
  const controls = new Map(picture.controls.map((control) => [control.id, control]));
  for (const [at, run] of runs.entries()) {
    const seenAt = run.completedAt ?? picture.instant;
    for (let no = 0; ; no += 1) {
      const body = await db.read((tx) => chunkAt(tx, run.id, no));
      if (body === undefined) break;
      const { resources, outcomes } = await unpacked(body);
      const current = resources.filter(
        ({ resource }) => (latest.get(resource.unit) ?? 0) === at && wanted(resource),
      );
      yield current.map(({ resource, outcomes: numbers }) => ({
        resource,
        seenAt,
        results: numbers.map((number) => {
          const outcome = outcomes[number];
          const control = outcome && controls.get(outcome.controlId);
          if (outcome === undefined || control === undefined)
            throw new Error(`the run ${run.id} has a result of no control`);
          return settleVerdict(control, outcome, resource, picture.standing);
        }),
      }));
    }
  }
}
