import { lockOpenClouds } from "../clouds/store.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import { digestOf } from "../kernel/hash.ts";
import type { CloudId, RequestId } from "../kernel/ids.ts";
import { establish, type Founding, foundingOf, type NewIds, newIds } from "../provisioning/launch.ts";
import { type HoldOutcome, holdTogether, type Wish } from "../quota/ledger.ts";
import { type Outcome, Overtaken } from "../verb.ts";
import { dueAt } from "./clocks.ts";
import type { Deliberation, Proposal } from "./decide.ts";
import { partsToHold } from "./parts-to-hold.ts";
import type { Asked } from "./question.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { registerSystems } from "./register-systems.ts";
import { chosen, cloudsOf, type Reserved } from "./reserve.ts";
import { rowOf } from "./row.ts";
import { findOpenTwins, insertRequests, type RequestRow } from "./store.ts";
import type { FullView } from "./view.ts";
import { requestView } from "./wire.ts";
import type { CreateBody } from "./wire-body.ts";

/** A request for something new, decided on and about to be written. */
export interface Submission {
  readonly ctx: Ctx;
  readonly body: CreateBody;
  readonly asked: Asked;
  readonly deliberation: Deliberation;
}

/** Rows of further pools are locked for the case that the best is taken; who finds all of them taken decides again. */
const ALTERNATIVES_MAX = 3;

/** One of them on its way: what it may hold, and the names of what comes of it. */
interface Draft extends Submission {
  /** Every cloud that was proposed takes nothing any more. */
  readonly closed: boolean;
  readonly id: RequestId;
  readonly ids: readonly NewIds[];
  readonly wishes: readonly Wish[];
}

/** Submits what many ask for at the same moment, in the order in which they came. */
export async function submitTogether(
  tx: Tx,
  submissions: readonly Submission[],
): Promise<PromiseSettledResult<Outcome<FullView>>[]> {
  const registered = await registerSystems(tx, submissions);
  // Sent one behind the other, so that both are one way to the database and back.
  const [open, twins] = await Promise.all([
    lockOpenClouds(tx, registered.flatMap(bestOf).flatMap(cloudsOf)),
    findOpenTwins(
      tx,
      registered.map(({ body }) => body),
    ),
  ]);
  const drafts = registered.map((submission) => draftOf(submission, open));
  const obstacles = obstaclesOf(drafts, twins);
  const asking = drafts.filter((draft) => !obstacles.has(draft) && draft.wishes.length > 0);
  const held = new Map<Draft, PromiseSettledResult<HoldOutcome>>();
  const [any] = asking;
  if (any !== undefined) {
    const outcomes = await holdTogether(
      tx,
      any.ctx,
      asking.map(({ wishes }) => wishes),
    );
    asking.forEach((draft, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined) held.set(draft, outcome);
    });
  }
  const written: RequestRow[] = [];
  const foundings: Founding[] = [];
  const results = drafts.map((draft): PromiseSettledResult<Outcome<FullView>> => {
    const obstacle = obstacles.get(draft) ?? obstacleIn(held.get(draft));
    if (obstacle !== undefined) return { status: "rejected", reason: obstacle };
    const settled = settle(draft, held.get(draft));
    written.push(settled.row);
    if (settled.founding !== undefined) foundings.push(settled.founding);
    return { status: "fulfilled", value: settled.outcome };
  });
  insertRequests(tx, written);
  if (any !== undefined && foundings.length > 0) await establish(tx, any.ctx, foundings);
  return results;
}

function bestOf({ deliberation }: Submission): readonly Proposal[] {
  return deliberation.proposals.slice(0, ALTERNATIVES_MAX);
}

/** Without the proposals for a cloud that was closed since they were made. */
function draftOf(submission: Submission, open: ReadonlySet<CloudId>): Draft {
  const { ctx } = submission;
  const id = ctx.ids.next("req");
  const best = bestOf(submission);
  const proposals = best.filter((proposal) => cloudsOf(proposal).every((cloudId) => open.has(cloudId)));
  const deliberation = { ...submission.deliberation, proposals };
  const closed = proposals.length === 0 && best.length > 0;
  const ids = proposals.map(({ plan }) => newIds(ctx, plan));
  const expiresAt = plus(ctx.clock.now(), ctx.config.HOLD_DAYS * DAY_MS);
  const wishes = proposals.map(({ plan, decision }, index): Wish => {
    const claim = decision.outcome === "allowed" ? ids[index] : undefined;
    return {
      requestId: id,
      parts: partsToHold(plan, ctx.config.RETENTION_DAYS),
      expiresAt,
      ...(claim && { claim }),
    };
  });
  return { ...submission, deliberation, closed, id, ids, wishes };
}

/** What keeps a request from being submitted at all: its twin is waiting already, or came a moment before. */
function obstaclesOf(
  drafts: readonly Draft[],
  twins: Awaited<ReturnType<typeof findOpenTwins>>,
): Map<Draft, Error> {
  const obstacles = new Map<Draft, Error>();
  const waiting = new Set<string>();
  drafts.forEach((draft, index) => {
    const twin = twins.get(index) ?? null;
    if (draft.closed) obstacles.set(draft, new Overtaken("its clouds were closed a moment before"));
    if (twin !== null) obstacles.set(draft, fault("request.duplicate", { id: twin }));
    if (draft.wishes.every(({ claim }) => claim !== undefined)) return;
    const name = digestOf([draft.asked.question.organizationId, draft.body]);
    // It will find the other one waiting when it is prepared again.
    if (waiting.has(name)) obstacles.set(draft, new Overtaken("an equal request came a moment before"));
    waiting.add(name);
  });
  return obstacles;
}

function obstacleIn(held: PromiseSettledResult<HoldOutcome> | undefined): unknown {
  if (held === undefined) return undefined;
  if (held.status === "rejected") return held.reason;
  return held.value.held ? undefined : new Overtaken("others took what the decision had counted on");
}

interface Settlement {
  readonly row: RequestRow;
  readonly founding?: Founding;
  readonly outcome: Outcome<FullView>;
}

/** Denied: that is all. Allowed: no person has to say more, so it walks on to provisioning at once. */
function settle(draft: Draft, held: PromiseSettledResult<HoldOutcome> | undefined): Settlement {
  const { ctx, id, body, asked, ids, wishes } = draft;
  const { proposal, ...reserved } = reservedOf(draft, held);
  const row = rowOf(ctx, id, body, asked, { proposal, ...reserved });
  const submitted = requestAudit("request.submit", null, row);
  const now = ctx.clock.now();
  if (proposal === null) {
    const audit = { ...submitted, outcome: "refused" as const };
    return { row, outcome: { result: viewOf(row, null, now), audit, events: [requestEvent(row)] } };
  }
  const index = draft.deliberation.proposals.indexOf(proposal);
  const names = ids[index];
  if (proposal.decision.outcome !== "allowed" || names === undefined) {
    const result = viewOf(row, wishes[index] ?? null, now);
    return { row, outcome: { result, audit: submitted, events: [requestEvent(row)] } };
  }
  const founding = foundingOf(ctx, row, proposal.plan, names);
  const { tenancyId, operationId, audit, events } = founding.launched;
  const status = "provisioning" as const;
  const generation = row.generation + 1;
  const after = { ...row, status, tenancyId, operationId, dueAt: dueAt(status, now, ctx.config), generation };
  const outcome = {
    result: viewOf(after, null, now),
    audit: [submitted, requestAudit("request.approve", row, after), ...audit],
    events: [requestEvent(after), ...events],
  };
  return { row: after, founding, outcome };
}

function reservedOf(draft: Draft, held: PromiseSettledResult<HoldOutcome> | undefined): Reserved {
  const { deliberation } = draft;
  if (held?.status !== "fulfilled" || !held.value.held) return { deliberation, proposal: null, holdId: null };
  const proposal: Proposal | undefined = deliberation.proposals[held.value.chosen];
  if (proposal === undefined) throw new Error("the ledger chose what was not proposed");
  return { deliberation: chosen(deliberation, proposal), proposal, holdId: held.value.holdId };
}

/** Nobody has said anything of it yet, so nothing has to be read. */
function viewOf(row: RequestRow, wish: Wish | null, now: Date): FullView {
  const hold =
    wish === null || row.holdId === null
      ? null
      : { id: row.holdId, parts: [...wish.parts], expiresAt: wish.expiresAt, createdAt: now };
  return requestView(row, { approvals: [], hold }, now);
}
