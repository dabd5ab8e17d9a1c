import { z } from "zod";
import { lockClouds } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import { lockMap } from "../db/map-lock.ts";
import type { Tx } from "../db/tx.ts";
import { chinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import { type Settled, settleLowering } from "../over-limits/settle.ts";
import { OverLimitChoice } from "../over-limits/wire.ts";
import { deriveQuota, lockQuota } from "../quota/derive.ts";
import { settleTree } from "../quota/settle-tree.ts";
import { defineVerb } from "../verb.ts";
import { applyEvent, cloudEvents } from "./apply-event.ts";
import { checkDocuments } from "./check.ts";
import { constraintFault } from "./constraint-faults.ts";
import { canonicalNode } from "./document-rows.ts";
import { obstaclesTo } from "./in-use-rows.ts";
import { type Change, planChanges, resultOf } from "./plan.ts";
import { documentsOf, keyOf, type Province } from "./province.ts";
import { loadProvince } from "./rows.ts";
import { cloudOf, shortagesOf } from "./shortage.ts";
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

const ApplyProvince = z.strictObject({
  province: parsedProvince,
  prune: z.boolean(),
  dryRun: z.boolean(),
  overLimit: OverLimitChoice.optional(),
});

interface Applied {
  readonly changes: Change[];
  readonly settled: readonly Settled[];
}

/**
 * Makes the database say what the documents say, all or nothing; a dry run does the same and takes it back.
 * Faults: `province.invalid` (the documents contradict what else is there), `province.in_use`,
 * `capacity.exceeded`, `capacity.over_limit`, `quota.over_limit`, `cloud.second_provincial`, `organization.cycle`, `province.conflict`.
 */
export const applyProvince = defineVerb({
  name: "province.apply",
  permission: "province.apply",
  input: ApplyProvince,
  async run(tx, ctx, { province, prune, dryRun, overLimit }) {
    if (!ctx.scope.everywhere) throw fault("auth.forbidden", { permission: "province.apply" });
    const carriedOut = (within: Tx) => apply(within, ctx, province, prune, overLimit);
    const { changes, settled } = dryRun ? await rehearse(tx, carriedOut) : await carriedOut(tx);
    const consequences = settled.flatMap((one) => one.consequences ?? []);
    if (dryRun) return { result: { changes, consequences }, audit: [] };
    return {
      result: { changes, consequences },
      audit: [applyEvent(province, changes, prune), ...settled.flatMap(({ audit }) => audit)],
      events: [...cloudEvents(changes), ...settled.flatMap(({ events }) => events)],
    };
  },
});

async function apply(
  tx: Tx,
  ctx: Ctx,
  desired: Province,
  prune: boolean,
  overLimit: OverLimitChoice | undefined,
): Promise<Applied> {
  // Everything that is decided here rests on these rows, so they are locked before anything is read.
  await lockMap(tx);
  // In the order in which holds lock: clouds before quota.
  await lockClouds(tx);
  const quotaBefore = await lockQuota(tx);
  const today = chinaDate(ctx.clock.now());
  const taken = await lockStock(tx, { today, retentionDays: ctx.config.RETENTION_DAYS });
  const current = await loadProvince(tx);
  const changes = planChanges(current, canonical(desired), { prune });
  if (changes.length === 0) return { changes, settled: [] };
  refuseContradictions(resultOf(current, changes));
  refuse("province.in_use", "obstacles", await obstaclesTo(tx, changes));
  const { lowered, dropped } = shortagesOf(changes, taken, today);
  refuse("capacity.exceeded", "excesses", dropped);
  // A plan of resizes needs locks that come before these; `yunheng apply` asks for it when this is done.
  const choice = overLimit?.choice === "shrink" ? ({ choice: "freeze" } as const) : overLimit;
  try {
    await writeChanges(tx, changes);
    const { tree } = await deriveQuota(tx);
    const ofPools = await settleLowering(tx, ctx, {
      code: "capacity.over_limit",
      excesses: lowered,
      choice,
      holders: new Map(),
      links: tree,
      placeOf: ({ poolId }) => ({ cloudId: cloudOf(taken, poolId), organizationId: null }),
      dryRun: false,
    });
    const ofTree = await settleTree(tx, ctx, { before: quotaBefore, after: tree }, choice, new Map(), false);
    return { changes, settled: [ofPools, ofTree] };
  } catch (error) {
    throw constraintFault(error);
  }
}

/** Carries the plan out of a savepoint that is rolled back. */
class Rehearsed extends Error {
  readonly applied: Applied;

  constructor(applied: Applied) {
    super("rehearsed");
    this.applied = applied;
  }
}

async function rehearse(tx: Tx, carriedOut: (within: Tx) => Promise<Applied>): Promise<Applied> {
  try {
    return await tx.transaction(async (inner) => {
      throw new Rehearsed(await carriedOut(inner));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.applied;
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
  code: "province.invalid" | "province.in_use" | "capacity.exceeded",
  name: string,
  reasons: readonly unknown[],
): void {
  if (reasons.length > 0) throw fault(code, { [name]: reasons.slice(0, LISTED_MAX), count: reasons.length });
}
