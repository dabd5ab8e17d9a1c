import { and, asc, desc, eq, gte, inArray, lt, lte, ne, or } from "drizzle-orm";
import { insertRows } from "../db/insert-many.ts";
import { assessmentChunks, assessments, complianceScores } from "../db/schema/compliance.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { type AssessmentId, knownId } from "../kernel/ids.ts";

export type AssessmentRow = typeof assessments.$inferSelect;
export type ScoreRow = typeof complianceScores.$inferSelect;

export async function insertAssessment(tx: Tx, row: typeof assessments.$inferInsert): Promise<AssessmentRow> {
  const [saved] = await tx.insert(assessments).values(row).returning();
  if (saved === undefined) throw new Error("the assessment was not inserted");
  return saved;
}

export async function findAssessment(tx: Tx, id: string): Promise<AssessmentRow> {
  const [row] = await tx
    .select()
    .from(assessments)
    .where(eq(assessments.id, knownId<AssessmentId>(id)));
  if (row === undefined) throw fault("http.not_found");
  return row;
}

/** Newest first. */
export async function listAssessments(tx: Tx, before: string, limit: number): Promise<AssessmentRow[]> {
  return tx
    .select()
    .from(assessments)
    .where(before === "" ? undefined : lt(assessments.id, knownId<AssessmentId>(before)))
    .orderBy(desc(assessments.id))
    .limit(limit + 1);
}

/** Runs that wait or are under way, oldest first. */
export async function openAssessments(tx: Tx): Promise<AssessmentRow[]> {
  return tx
    .select()
    .from(assessments)
    .where(inArray(assessments.status, ["pending", "running"]))
    .orderBy(asc(assessments.id));
}

/** The oldest run that nobody works on, locked until the end of the transaction; others pass it by. */
export async function takeAssessment(tx: Tx, now: Date): Promise<AssessmentRow | undefined> {
  const abandoned = and(eq(assessments.status, "running"), lt(assessments.leaseUntil, now));
  const [row] = await tx
    .select()
    .from(assessments)
    .where(or(eq(assessments.status, "pending"), abandoned))
    .orderBy(asc(assessments.id))
    .limit(1)
    .for("update", { skipLocked: true });
  return row;
}

export async function saveAssessment(
  tx: Tx,
  id: AssessmentId,
  change: Partial<Omit<AssessmentRow, "id" | "createdAt">>,
): Promise<void> {
  await tx.update(assessments).set(change).where(eq(assessments.id, id));
}

/** Makes way for a run that is begun anew. */
export async function deleteChunks(tx: Tx, id: AssessmentId): Promise<void> {
  await tx.delete(assessmentChunks).where(eq(assessmentChunks.assessmentId, id));
}

export async function insertChunk(tx: Tx, id: AssessmentId, no: number, body: Uint8Array): Promise<void> {
  await tx.insert(assessmentChunks).values({ assessmentId: id, no, body });
}

/** One packed chunk of a run; undefined behind the last. */
export async function chunkAt(tx: Tx, id: AssessmentId, no: number): Promise<Uint8Array | undefined> {
  const [row] = await tx
    .select({ body: assessmentChunks.body })
    .from(assessmentChunks)
    .where(and(eq(assessmentChunks.assessmentId, id), eq(assessmentChunks.no, no)));
  return row?.body;
}

export function insertScores(tx: Tx, rows: readonly ScoreRow[]): void {
  insertRows(tx, complianceScores, rows);
}

/** The last run over everything that had ended by then. */
export async function wholeRunBy(tx: Tx, instant: Date): Promise<AssessmentRow | undefined> {
  const [row] = await tx
    .select()
    .from(assessments)
    .where(
      and(
        eq(assessments.status, "succeeded"),
        ne(assessments.trigger, "change"),
        lte(assessments.completedAt, instant),
      ),
    )
    .orderBy(desc(assessments.completedAt), desc(assessments.id))
    .limit(1);
  return row;
}

/** Runs over changes since a whole run that had ended by then, oldest first. */
export async function changeRunsBy(tx: Tx, baseId: AssessmentId, instant: Date): Promise<AssessmentRow[]> {
  return tx
    .select()
    .from(assessments)
    .where(
      and(
        eq(assessments.baseId, baseId),
        eq(assessments.status, "succeeded"),
        lte(assessments.completedAt, instant),
      ),
    )
    .orderBy(asc(assessments.completedAt), asc(assessments.id));
}

/** Scores of whole runs for the province, each cloud or each organization, oldest first. */
export async function scoresSince(
  tx: Tx,
  framework: string,
  by: "province" | "cloud" | "organization",
  from: Date,
): Promise<ScoreRow[]> {
  const { cloudId, organizationId } = complianceScores;
  const of = {
    province: and(eq(cloudId, ""), eq(organizationId, "")),
    cloud: and(ne(cloudId, ""), eq(organizationId, "")),
    organization: and(eq(cloudId, ""), ne(organizationId, "")),
  };
  return tx
    .select()
    .from(complianceScores)
    .where(and(eq(complianceScores.framework, framework), of[by], gte(complianceScores.at, from)))
    .orderBy(asc(cloudId), asc(organizationId), asc(complianceScores.at));
}
