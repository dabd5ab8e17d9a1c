import { lockOpenClouds } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import { RunAgain } from "../db/errors.ts";
import type { Tx } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import type { CloudId, HoldId, RequestId } from "../kernel/ids.ts";
import { holdInstead, releaseHold, type Wish } from "../quota/ledger.ts";
import { type Deliberation, decide, type Proposal, type Question } from "./decide.ts";
import { partsToHold } from "./parts-to-hold.ts";
import type { Plan } from "./plan.ts";

export interface Reserved {
  readonly deliberation: Deliberation;
  /** Null where the request is denied. */
  readonly proposal: Proposal | null;
  /** Null where the plan needs nothing beyond what is claimed already. */
  readonly holdId: HoldId | null;
}

/** How often the decision is made again because others took what it had counted on. */
const ATTEMPTS_MAX = 3;

/** The rows of all of them are locked before the first is tried; more than these are never needed. */
const ALTERNATIVES_MAX = 3;

/**
 * Holds the best proposal that still fits, instead of what is held under `instead`. Where none does any more, the
 * decision is made again on what is left: by the same transaction for a change, which can want no other rows than
 * those that are locked already; otherwise by the next one, since other rows would be locked out of their order.
 */
export async function reserve(
  tx: Tx,
  ctx: Ctx,
  id: RequestId,
  question: Question,
  first: Deliberation,
  instead: HoldId | null = null,
): Promise<Reserved> {
  let deliberation = first;
  for (let attempt = 1; ; attempt += 1) {
    const [best] = deliberation.proposals;
    if (best === undefined || wishFor(ctx, id, best.plan).parts.length === 0) {
      if (instead !== null) await releaseHold(tx, ctx, instead);
      if (best === undefined) return { deliberation, proposal: null, holdId: null };
      return { deliberation: chosen(deliberation, best), proposal: best, holdId: null };
    }
    const proposals = await stillOpen(tx, deliberation.proposals.slice(0, ALTERNATIVES_MAX));
    const wishes = proposals.map(({ plan }) => wishFor(ctx, id, plan));
    const outcome = wishes.length === 0 ? null : await holdInstead(tx, ctx, instead, wishes);
    const proposal = outcome?.held ? proposals[outcome.chosen] : undefined;
    if (outcome?.held && proposal !== undefined) {
      return { deliberation: chosen(deliberation, proposal), proposal, holdId: outcome.holdId };
    }
    if (question.existing === null || instead !== null) throw new RunAgain("what was decided on is gone");
    if (attempt === ATTEMPTS_MAX) throw fault("database.busy", { retryAfterSeconds: 1 });
    deliberation = await decide(tx, ctx, question);
  }
}

/** Those whose clouds take something yet; these are locked, and closed only after this transaction. */
async function stillOpen(tx: Tx, proposals: readonly Proposal[]): Promise<Proposal[]> {
  const open = await lockOpenClouds(tx, proposals.flatMap(cloudsOf));
  return proposals.filter((proposal) => cloudsOf(proposal).every((cloudId) => open.has(cloudId)));
}

/** Where a proposal would put something. */
export function cloudsOf({ plan }: Proposal): CloudId[] {
  return plan.parts.map(({ cloudId }) => cloudId);
}

function wishFor({ clock, config }: Ctx, requestId: RequestId, plan: Plan): Wish {
  const expiresAt = plus(clock.now(), config.HOLD_DAYS * DAY_MS);
  return { requestId, parts: partsToHold(plan, config.RETENTION_DAYS), expiresAt };
}

/** The answer shows the proposal that was held, also where it is not the one that was best at first. */
export function chosen(deliberation: Deliberation, proposal: Proposal): Deliberation {
  const { placement } = deliberation;
  const pools = proposal.plan.parts.map((part) => part.poolId).join();
  const candidate = placement.candidates.find((one) => one.parts.map((part) => part.poolId).join() === pools);
  return {
    ...deliberation,
    decision: proposal.decision,
    placement: { ...placement, chosen: candidate ?? placement.chosen },
  };
}
