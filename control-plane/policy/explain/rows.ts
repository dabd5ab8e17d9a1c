import { desc, eq, inArray, sql } from "drizzle-orm";
import { insertMissing, insertRows } from "../../db/insert-many.ts";
import {
  policyDecisions,
  policyExemptions,
  policyFacts,
  policySets,
  policyVersions,
} from "../../db/schema/policies.ts";
import type { Tx } from "../../db/tx.ts";
import { type ExemptionId, knownId, type RequestId } from "../../kernel/ids.ts";
import type { PolicySet } from "../policy-set.ts";
import { setOf } from "../register/book.ts";
import { bookedExemption, bookedVersion } from "../register/store.ts";
import type { FactsHash } from "./kept-facts.ts";

export type DecisionRow = typeof policyDecisions.$inferSelect;

export function insertDecisions(tx: Tx, rows: readonly DecisionRow[]): void {
  insertRows(tx, policyDecisions, rows);
}

/** Sorted, so that two transactions that keep the same facts never wait for each other in a circle. */
export function insertFacts(tx: Tx, facts: ReadonlyMap<FactsHash, unknown>): void {
  const rows = [...facts]
    .map(([hash, value]) => ({ hash, value }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
  insertMissing(tx, policyFacts, rows);
}

/** A set has a hundred members, and is nearly always there already. */
export async function insertSets(tx: Tx, sets: ReadonlySet<PolicySet>): Promise<void> {
  const digests = [...sets].map(({ fullDigest }) => fullDigest);
  const rows = await tx
    .select({ digest: policySets.digest })
    .from(policySets)
    .where(inArray(policySets.digest, digests));
  const known = new Set(rows.map(({ digest }) => digest));
  const added = [...sets].filter(({ fullDigest }) => !known.has(fullDigest));
  insertMissing(
    tx,
    policySets,
    added.map(({ fullDigest, policies, exemptionIds }) => ({
      digest: fullDigest,
      versions: policies.map(({ document: { metadata } }) => ({
        id: metadata.id,
        version: metadata.version,
      })),
      exemptionIds: [...exemptionIds],
    })),
  );
}

/** Newest first. */
export function decisionsOn(tx: Tx, requestId: RequestId): Promise<DecisionRow[]> {
  return tx
    .select()
    .from(policyDecisions)
    .where(eq(policyDecisions.requestId, requestId))
    .orderBy(desc(policyDecisions.id));
}

export async function factsBy(
  tx: Tx,
  hashes: readonly FactsHash[],
): Promise<ReadonlyMap<FactsHash, unknown>> {
  const rows = await tx
    .select()
    .from(policyFacts)
    .where(inArray(policyFacts.hash, [...hashes]));
  return new Map(rows.map(({ hash, value }) => [hash, value]));
}

/** The rules of a past decision, made again from what the register holds; null where they never were in it. */
export async function setBy(tx: Tx, digest: string): Promise<PolicySet | null> {
  const [kept] = await tx.select().from(policySets).where(eq(policySets.digest, digest));
  if (kept === undefined) return null;
  const wanted = kept.versions.map(({ id, version }) => sql`(${id}, ${version}::integer)`);
  const versions =
    wanted.length === 0
      ? []
      : await tx
          .select()
          .from(policyVersions)
          .where(sql`(${policyVersions.id}, ${policyVersions.version}) IN (${sql.join(wanted, sql`, `)})`);
  const ids = kept.exemptionIds.map((id) => knownId<ExemptionId>(id));
  const exemptions =
    ids.length === 0
      ? []
      : await tx
          .select()
          .from(policyExemptions)
          .where(inArray(policyExemptions.id, ids))
          .orderBy(policyExemptions.id);
  const set = setOf(
    versions.flatMap((row) => bookedVersion(row) ?? []),
    exemptions.flatMap((row) => bookedExemption(row) ?? []),
  );
  return set.fullDigest === digest ? set : null;
}
