import type { AuditEvent } from "../audit/record.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import { endOfChinaDate } from "../kernel/calendar.ts";
import { fault } from "../kernel/fault.ts";
import type { CloudId, OrganizationId, QuotaNodeId, RequestId } from "../kernel/ids.ts";
import type { QuotaLink } from "../quota/tree.ts";
import { caseAudit, caseEvents } from "./case-record.ts";
import { type Excess, keyOf } from "./excess.ts";
import { fileReductions } from "./file-reductions.ts";
import { greatestHolders, type HoldingTenancy, lockShrinkable } from "./holder-rows.ts";
import { daysLeft } from "./notices.ts";
import { insertCase, saveCase, setFrozen } from "./rows.ts";
import { type ShrinkPlan, shrinkPlans } from "./shrink-plan.ts";
import { openCases } from "./store.ts";
import { CHOICES, type Consequences, type OverLimitChoice } from "./wire.ts";

/** Tenancies that may have to shrink, by excess; locked before any limit is. */
export type LockedHolders = ReadonlyMap<string, readonly HoldingTenancy[]>;

/** To be called with the excesses that are to be expected, before anything else is locked. */
export async function lockHolders(
  tx: Tx,
  expected: readonly Excess[],
  choice: OverLimitChoice | undefined,
): Promise<LockedHolders> {
  const holders = new Map<string, readonly HoldingTenancy[]>();
  if (choice?.choice !== "shrink") return holders;
  for (const excess of expected) holders.set(keyOf(excess), await lockShrinkable(tx, excess));
  return holders;
}

export interface Lowering {
  readonly code: "quota.over_limit" | "capacity.over_limit";
  readonly excesses: readonly Excess[];
  readonly choice: OverLimitChoice | undefined;
  readonly holders: LockedHolders;
  /** Figures after the change. */
  readonly links: ReadonlyMap<QuotaNodeId, QuotaLink>;
  readonly placeOf: (excess: Excess) => {
    readonly cloudId: CloudId | null;
    readonly organizationId: OrganizationId | null;
  };
  readonly dryRun: boolean;
}

export interface Settled {
  readonly consequences: Consequences | null;
  readonly audit: readonly AuditEvent[];
  readonly events: readonly EventDraft[];
}

/**
 * What a change that leaves somebody over does about it. Without a choice it is refused with the list; with
 * one the cases are opened and marked, and where it is `shrink` the resizes are asked for. Nothing is evicted.
 */
export async function settleLowering(tx: Tx, ctx: Ctx, lowering: Lowering): Promise<Settled> {
  const { excesses, choice, code, dryRun } = lowering;
  if (excesses.length === 0) return { consequences: null, audit: [], events: [] };
  const listed = await withHolders(tx, excesses);
  if (choice === undefined) {
    throw fault(code, { excesses: listed, count: excesses.length, choices: CHOICES });
  }
  const now = ctx.clock.now();
  const until = untilOf(choice);
  if (until !== null && until <= now) {
    throw fault("http.invalid_input", { issues: [{ path: "overLimit.until", message: "is over already" }] });
  }
  const shrink = choice.choice === "shrink" ? planned(lowering) : [];
  if (dryRun) {
    return {
      consequences: { choice: choice.choice, excesses: listed, shrink, requestIds: [] },
      audit: [],
      events: [],
    };
  }
  const filed = await fileReductions(tx, ctx, shrink, lowering.holders);
  const audit = [...filed.audit];
  const events = [...filed.events];
  for (const excess of excesses) {
    const opened = await openCase(tx, ctx, lowering, excess, choice, filed.requestIds);
    audit.push(
      caseAudit(
        opened.before === null ? "over_limit.open" : "over_limit.choose",
        opened.before,
        opened.after,
      ),
    );
    events.push(...(await caseEvents(tx, opened.after)));
  }
  return {
    consequences: { choice: choice.choice, excesses: listed, shrink, requestIds: [...filed.requestIds] },
    audit,
    events,
  };
}

function planned({ excesses, holders, links }: Lowering): ShrinkPlan[] {
  // Others took or gave something between the look and the lock: on other figures another plan would be due.
  if (excesses.some((excess) => !holders.has(keyOf(excess)))) throw fault("generation.conflict");
  return shrinkPlans(excesses, holders, links);
}

async function withHolders(tx: Tx, excesses: readonly Excess[]) {
  const listed = [];
  for (const excess of excesses) listed.push({ ...excess, holders: await greatestHolders(tx, excess) });
  return listed;
}

/** A date ends with its day. */
function untilOf(choice: OverLimitChoice): Date | null {
  if (choice.choice !== "grace") return null;
  return choice.until.length === "2027-01-01".length ? endOfChinaDate(choice.until) : new Date(choice.until);
}

async function openCase(
  tx: Tx,
  ctx: Ctx,
  { placeOf }: Lowering,
  excess: Excess,
  choice: OverLimitChoice,
  requestIds: readonly RequestId[],
) {
  const now = ctx.clock.now();
  const until = untilOf(choice);
  const { nodeId, poolId, dimension: resourceClass, missing: over } = excess;
  const chosen = {
    choice: choice.choice,
    phase: until === null ? ("frozen" as const) : ("grace" as const),
    until,
    over,
    requestIds: [...requestIds],
    notices: until === null ? [] : [{ at: now.toISOString(), daysLeft: daysLeft(until, now) }],
    chosenBy: ctx.actor.accountId,
  };
  await setFrozen(tx, { nodeId, poolId, resourceClass }, chosen.phase === "frozen");
  const open = await openCases(tx, { nodeIds: nodeId ? [nodeId] : [], poolIds: poolId ? [poolId] : [] });
  const before = open.find((row) => row.resourceClass === resourceClass) ?? null;
  if (before !== null) {
    // What was asked for before is under way still.
    const all = { ...chosen, requestIds: [...before.requestIds, ...requestIds] };
    return { before, after: await saveCase(tx, before, all) };
  }
  const row = {
    id: ctx.ids.next("ovl"),
    nodeId,
    poolId,
    resourceClass,
    ...placeOf(excess),
    ...chosen,
    since: now,
  };
  return { before, after: await insertCase(tx, row) };
}
