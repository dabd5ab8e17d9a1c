import { lockOpenClouds } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import type { CloudId, HoldId, RequestId } from "../kernel/ids.ts";
import { hold } from "../quota/ledger.ts";
import { type Deliberation, decide, type Proposal, type Question } from "./decide.ts";
import { partsToHold } from "./parts-to-hold.ts";

export interface Reserved {
  readonly deliberation: Deliberation;
  /** Null where the request is denied. */
  readonly proposal: Proposal | null;
  /** Null where the plan needs nothing beyond what is claimed already. */
  readonly holdId: HoldId | null;
}

/** How often the decision is made again because others took what it had counted on. */
const ATTEMPTS_MAX = 3;

/** Holds the best proposal that still fits; where none does any more, decides again on what is left. */
export async function reserve(
  tx: Tx,
  ctx: Ctx,
  id: RequestId,
  question: Question,
  first: Deliberation,
): Promise<Reserved> {
  let deliberation = first;
  for (let attempt = 1; ; attempt += 1) {
    const open = await lockOpenClouds(tx, deliberation.proposals.flatMap(cloudsOf));
    for (const proposal of deliberation.proposals) {
      const parts = partsToHold(proposal.plan, ctx.config.RETENTION_DAYS);
      if (parts.length === 0) return { deliberation: chosen(deliberation, proposal), proposal, holdId: null };
      if (!parts.every(({ cloudId }) => open.has(cloudId))) continue;
      const expiresAt = plus(ctx.clock.now(), ctx.config.HOLD_DAYS * DAY_MS);
      const outcome = await hold(tx, ctx, id, parts, expiresAt);
      if (outcome.held) {
        return { deliberation: chosen(deliberation, proposal), proposal, holdId: outcome.holdId };
      }
    }
    if (deliberation.proposals.length === 0) return { deliberation, proposal: null, holdId: null };
    if (attempt === ATTEMPTS_MAX) throw fault("database.busy", { retryAfterSeconds: 1 });
    deliberation = await decide(tx, ctx, question);
  }
}

/** Where a proposal would put something. */
export function cloudsOf({ plan }: Proposal): CloudId[] {
  return plan.parts.map(({ cloudId }) => cloudId);
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
