import type { Database } from "../db/tx.ts";
import { knownId, type TenancyId } from "../kernel/ids.ts";
import type { AssessmentRow } from "./assessment-rows.ts";
import type { EstateJudge } from "./estate-judge.ts";
import { countLiving, type EstateFrame, estatePage } from "./estate-rows.ts";
import type { AssessedResource } from "./resource.ts";

/** Tenancies that are read, judged and stored at a time: each in a short transaction of its own. */
const TENANCIES = 500;
const TENANCY = "tenancy:";

export interface Batch {
  /** What was judged, for the digest. */
  readonly input: unknown;
  readonly assessed: readonly AssessedResource[];
  /** Whole per cent after this batch; the last step of a run is its completion. */
  readonly progress: number;
}

/** Everything that a run is about, some units at a time: clouds and organizations first, then tenancies by id. */
export async function* batchesOf(
  db: Database,
  { units }: Pick<AssessmentRow, "units">,
  frame: EstateFrame,
  judge: EstateJudge,
): AsyncGenerator<Batch> {
  const wanted = units === null ? null : new Set(units);
  const concerns = ({ resource }: AssessedResource) => wanted === null || wanted.has(resource.unit);
  const around = [...judge.clouds(), ...judge.organizations(frame.organizations)].filter(concerns);
  if (around.length > 0 || wanted === null) {
    yield { input: frame.organizations, assessed: around, progress: 1 };
  }
  const only = units === null ? null : tenanciesIn(units);
  const total = only?.length ?? (await db.read(countLiving));
  let done = 0;
  for (let after = ""; only === null || only.length > 0; ) {
    const page = { after, limit: TENANCIES, only };
    const estate = await db.read((tx) => estatePage(tx, frame, page));
    if (estate.tenancies.length > 0) {
      done += estate.tenancies.length;
      const assessed = estate.tenancies.flatMap((tenancy) => judge.tenancy(tenancy));
      const progress = Math.min(99, 1 + Math.floor((done / Math.max(1, total)) * 98));
      yield { input: estate.tenancies, assessed, progress };
    }
    if (estate.last === null) return;
    after = estate.last;
  }
}

function tenanciesIn(units: readonly string[]): TenancyId[] {
  return units
    .filter((unit) => unit.startsWith(TENANCY))
    .map((unit) => knownId<TenancyId>(unit.slice(TENANCY.length)));
}
