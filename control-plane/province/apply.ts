import { z } from "zod";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { deriveQuota, lockQuota } from "../quota/derive.ts";
import { newExcesses } from "../quota/excess.ts";
import { defineVerb } from "../verb.ts";
import { applyEvent, cloudEvents } from "./apply-event.ts";
import { checkDocuments } from "./check.ts";
import { constraintFault } from "./constraint-faults.ts";
import { canonicalNode } from "./document-rows.ts";
import { obstaclesTo } from "./in-use-rows.ts";
import { type Change, planChanges, resultOf } from "./plan.ts";
import { documentsOf, keyOf, type Province } from "./province.ts";
import { loadProvince, lockProvince } from "./rows.ts";
import { shortagesOf } from "./shortage.ts";
import { lockStock } from "./stock-rows.ts";
import { writeChanges } from "./write-rows.ts";

const KINDS = [
  "jurisdictions",
  "organizations",
  "systems",
  "clouds",
  "pools",
  "quotaNodes",
  "priceLists",
] as const satisfies readonly (keyof Province)[];

/** A province comes from `readProvince`, which has validated every document; there is no route to this verb. */
const parsedProvince = z.custom<Province>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    KINDS.every((kind) => Array.isArray((value as Partial<Province>)[kind])),
);

const ApplyProvince = z.strictObject({ province: parsedProvince, prune: z.boolean(), dryRun: z.boolean() });

/**
 * Makes the database say what the documents say, all or nothing; a dry run does the same and takes it back.
 * Faults: `province.invalid` (the documents contradict what else is there), `province.in_use`,
 * `capacity.exceeded`, `quota.over_limit`, `cloud.second_provincial`, `organization.cycle`, `province.conflict`.
 */
export const applyProvince = defineVerb({
  name: "province.apply",
  permission: "province.apply",
  input: ApplyProvince,
  async run(tx, ctx, { province, prune, dryRun }) {
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "province.apply" });
    if (dryRun) return { result: { changes: await rehearse(tx, province, prune) }, audit: [] };
    const changes = await apply(tx, province, prune);
    return { result: { changes }, audit: applyEvent(province, changes, prune), events: cloudEvents(changes) };
  },
});

async function apply(tx: Tx, desired: Province, prune: boolean): Promise<Change[]> {
  // Everything that is decided here rests on these rows, so they are locked before anything is read.
  await lockProvince(tx);
  const quotaBefore = await lockQuota(tx);
  const taken = await lockStock(tx);
  const current = await loadProvince(tx);
  const changes = planChanges(current, canonical(desired), { prune });
  if (changes.length === 0) return changes;
  refuseContradictions(resultOf(current, changes));
  refuse("province.in_use", "obstacles", await obstaclesTo(tx, changes));
  refuse("capacity.exceeded", "excesses", shortagesOf(changes, taken));
  try {
    await writeChanges(tx, changes);
    const { tree } = await deriveQuota(tx);
    refuse("quota.over_limit", "excesses", newExcesses(quotaBefore, tree));
  } catch (error) {
    throw constraintFault(error);
  }
  return changes;
}

/** Carries the plan out of a savepoint that is rolled back. */
class Rehearsed extends Error {
  readonly changes: Change[];

  constructor(changes: Change[]) {
    super("rehearsed");
    this.changes = changes;
  }
}

async function rehearse(tx: Tx, desired: Province, prune: boolean): Promise<Change[]> {
  try {
    return await tx.transaction(async (inner) => {
      throw new Rehearsed(await apply(inner, desired, prune));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.changes;
    throw error;
  }
}

function canonical(province: Province): Province {
  return { ...province, quotaNodes: province.quotaNodes.map(canonicalNode) };
}

/** Contradictions with documents that are not in the files but in the database, when nothing is pruned. */
function refuseContradictions(result: Province): void {
  const problems = checkDocuments(documentsOf(result)).map(({ document, path, reason }) => ({
    document: keyOf(document),
    path: path.join("."),
    reason,
  }));
  refuse("province.invalid", "problems", problems);
}

const LISTED_MAX = 100;

/** Refuses for every reason at once; a long list is cut, and its length told. */
function refuse(
  code: "province.invalid" | "province.in_use" | "capacity.exceeded" | "quota.over_limit",
  name: string,
  reasons: readonly unknown[],
): void {
  if (reasons.length > 0) throw fault(code, { [name]: reasons.slice(0, LISTED_MAX), count: reasons.length });
}
