import type { Tx } from "../db/tx.ts";
import type { Clock } from "../kernel/clock.ts";
import { fault } from "../kernel/fault.ts";
import type { HoldId, Ids, PlacementId, RequestId, TenancyId } from "../kernel/ids.ts";
import { amountOf, entriesOf, type ResourceVector } from "../kernel/quantity.ts";
import {
  type Book,
  chainAt,
  enter,
  enterClaim,
  type Movement,
  movementsOf,
  openBook,
  writeBook,
} from "./book.ts";
import type { HeldPart } from "./held-part.ts";
import { type Figures, figuresOf, occupy, refusalOf } from "./hold-figures.ts";
import type { HoldRefusal } from "./hold-refusal.ts";
import { type HoldRow, lockClaims, lockHold, setClaim, settleHold } from "./ledger-rows.ts";
import { heldBelow } from "./store.ts";

interface LedgerContext {
  readonly clock: Clock;
  readonly ids: Ids;
}

interface HoldContext extends LedgerContext {
  readonly config: { readonly RETENTION_DAYS: number };
}

export type HoldOutcome =
  | {
      readonly held: true;
      readonly holdId: HoldId;
      /** Which of the alternatives it is. */
      readonly chosen: number;
    }
  | { readonly held: false; readonly refusal: HoldRefusal };

/** What somebody wants held or, where no person has to approve it, claimed at once. */
export interface Wish {
  readonly requestId: RequestId;
  readonly parts: readonly HeldPart[];
  readonly expiresAt: Date;
  readonly claim?: Claimant;
}

export interface Claimant {
  readonly tenancyId: TenancyId;
  readonly placementIds: ReadonlyMap<HeldPart["role"], PlacementId>;
}

/**
 * Holds quota up the tree and capacity in the pools until `expiresAt`, all or nothing.
 * The caller's transaction keeps the locks, so that nobody else decides on the same figures meanwhile.
 */
export async function hold(
  tx: Tx,
  ctx: HoldContext,
  requestId: RequestId,
  parts: readonly HeldPart[],
  expiresAt: Date,
): Promise<HoldOutcome> {
  const [outcome] = await holdTogether(tx, ctx, [[{ requestId, parts, expiresAt }]]);
  if (outcome?.status !== "fulfilled") throw outcome?.reason;
  return outcome.value;
}

/**
 * Gives a hold back and holds the first of the alternatives that fits then. The rows of all of them are locked
 * together, so that whatever is tried after the first one is locked in the one order as well.
 */
export async function holdInstead(
  tx: Tx,
  ctx: HoldContext,
  replaced: HoldId | null,
  alternatives: readonly Wish[],
): Promise<HoldOutcome> {
  const [outcome] = await holdTogether(tx, ctx, [alternatives], replaced);
  if (outcome?.status !== "fulfilled") throw outcome?.reason;
  return outcome.value;
}

/**
 * Holds what many want, as if they had come one after the other: for each the first of its alternatives that fits
 * into what those before it have left. Who is refused, or cannot be judged at all, takes nothing from the others.
 * What is held under `replaced` is given back before.
 */
export async function holdTogether(
  tx: Tx,
  ctx: HoldContext,
  wishes: readonly (readonly Wish[])[],
  replaced: HoldId | null = null,
): Promise<PromiseSettledResult<HoldOutcome>[]> {
  const drafts = wishes.map((alternatives) =>
    alternatives.map((wish) => ({ wish, movements: movementsOf(wish.parts, holding) })),
  );
  const before = replaced === null ? undefined : await lockHold(tx, replaced);
  const returned = before?.state === "active" ? movementsOf(before.parts, releasing) : [];
  const book = await openBook(tx, [...returned, ...drafts.flat().flatMap(({ movements }) => movements)]);
  if (before?.state === "active") await enterRelease(tx, ctx, book, before.id, returned, "release");
  const figures = await figuresOf(tx, ctx, book);
  const outcomes = drafts.map((alternatives): PromiseSettledResult<Judged> => {
    try {
      return { status: "fulfilled", value: enterFirst(figures, ctx, alternatives) };
    } catch (reason) {
      return { status: "rejected", reason };
    }
  });
  // What is held at a node is read before the book is written: for each as it was when it was judged.
  const told = await Promise.all(outcomes.map((outcome) => inFull(tx, outcome)));
  writeBook(tx, book);
  return told;
}

/** `entered` is what those before it in the book hold at the node that refuses. */
type Judged =
  | Extract<HoldOutcome, { held: true }>
  | { readonly held: false; readonly refusal: HoldRefusal; readonly entered: number };

async function inFull(
  tx: Tx,
  outcome: PromiseSettledResult<Judged>,
): Promise<PromiseSettledResult<HoldOutcome>> {
  if (outcome.status === "rejected") return outcome;
  const { value } = outcome;
  if (value.held) return { status: "fulfilled", value };
  const refusal = await toldApart(tx, value.refusal, value.entered);
  return { status: "fulfilled", value: { held: false, refusal } };
}

function enteredAt(book: Book, { nodeId, dimension }: HoldRefusal): number {
  if (nodeId === null) return 0;
  return [...book.changed.values()]
    .filter((change) => change.resourceClass === dimension)
    .filter((change) => chainAt(book, change.nodeId).some(({ id }) => id === nodeId))
    .reduce((sum, { heldDelta }) => sum + heldDelta, 0);
}

interface Draft {
  readonly wish: Wish;
  readonly movements: readonly Movement[];
}

/** The refusal is that of the last one: there is nothing after it. */
function enterFirst(figures: Figures, ctx: LedgerContext, alternatives: readonly Draft[]): Judged {
  let last: HoldRefusal | null = null;
  for (const [index, { wish, movements }] of alternatives.entries()) {
    last = refusalOf(figures, movements);
    if (last !== null) continue;
    const holdId = enterWish(figures.locked, ctx, wish, movements);
    occupy(figures, movements);
    return { held: true, holdId, chosen: index };
  }
  if (last === null) throw new Error("a wish without alternatives");
  return { held: false, refusal: last, entered: enteredAt(figures.locked, last) };
}

const holding = (amount: number) => ({ heldDelta: amount, usedDelta: 0 });
const releasing = (amount: number) => ({ heldDelta: -amount, usedDelta: 0 });
const committing = (amount: number) => ({ heldDelta: -amount, usedDelta: amount });

function enterWish(book: Book, ctx: LedgerContext, wish: Wish, movements: readonly Movement[]): HoldId {
  const { requestId, parts, expiresAt, claim } = wish;
  if (claim !== undefined) assertPlaced(parts, claim);
  const id = ctx.ids.next("hold");
  const now = ctx.clock.now();
  enter(book, movements, { kind: "hold", at: now, holdId: id });
  const row = { id, requestId, parts: [...parts], expiresAt, createdAt: now };
  if (claim === undefined) book.holds.push({ ...row, state: "active" });
  else {
    book.holds.push({ ...row, state: "committed", settledAt: now });
    enterCommit(book, id, parts, claim, now);
  }
  return id;
}

function enterCommit(
  book: Book,
  holdId: HoldId,
  parts: readonly HeldPart[],
  { tenancyId, placementIds }: Claimant,
  at: Date,
): void {
  for (const part of parts) {
    const placementId = placementOf(placementIds, part.role);
    enter(book, movementsOf([part], committing), { kind: "commit", at, holdId, tenancyId, placementId });
    for (const [resourceClass, amount] of entriesOf(part.amounts)) {
      const { cloudId, poolId, quotaNodeId } = part;
      enterClaim(book, { placementId, resourceClass, tenancyId, cloudId, poolId, quotaNodeId, amount });
    }
  }
}

/** Before anything is entered: what is entered has to be written. */
function assertPlaced(parts: readonly HeldPart[], { placementIds }: Claimant): void {
  for (const { role } of parts) placementOf(placementIds, role);
}

function placementOf(ids: Claimant["placementIds"], role: HeldPart["role"]): PlacementId {
  const id = ids.get(role);
  if (id === undefined) throw new Error(`a hold has a part ${role} without a placement`);
  return id;
}

/** The hold becomes claims of the tenancy's placements; `hold.expired` when it is no longer there to commit. */
export async function commitHold(
  tx: Tx,
  ctx: LedgerContext,
  holdId: HoldId,
  tenancyId: TenancyId,
  placementIds: ReadonlyMap<HeldPart["role"], PlacementId>,
): Promise<void> {
  const now = ctx.clock.now();
  const { parts } = await activeHold(tx, holdId, now);
  const book = await openBook(tx, movementsOf(parts, committing));
  enterCommit(book, holdId, parts, { tenancyId, placementIds }, now);
  writeBook(tx, book);
  await settleHold(tx, holdId, "committed", now);
}

/** Gives a hold back; a hold that is settled already is left alone, so that repeats do no harm. */
export async function releaseHold(
  tx: Tx,
  ctx: LedgerContext,
  holdId: HoldId,
  reason: "release" | "expire" = "release",
): Promise<boolean> {
  const row = await lockHold(tx, holdId);
  if (row === undefined || row.state !== "active") return false;
  const movements = movementsOf(row.parts, releasing);
  const book = await openBook(tx, movements);
  await enterRelease(tx, ctx, book, holdId, movements, reason);
  writeBook(tx, book);
  return true;
}

/** Settled at once, so that calendars that are read from now on no longer count it. */
async function enterRelease(
  tx: Tx,
  { clock }: LedgerContext,
  book: Book,
  holdId: HoldId,
  movements: readonly Movement[],
  kind: "release" | "expire",
): Promise<void> {
  const now = clock.now();
  enter(book, movements, { kind, at: now, holdId });
  await settleHold(tx, holdId, kind === "expire" ? "expired" : "released", now);
}

/** Gives back what placements have beyond what they keep; called only after the clouds have confirmed. */
export async function returnClaims(
  tx: Tx,
  ctx: LedgerContext,
  keep: ReadonlyMap<PlacementId, ResourceVector>,
): Promise<void> {
  const rows = await lockClaims(tx, [...keep.keys()]);
  const returned = rows.flatMap((row) => {
    const kept = keep.get(row.placementId)?.[row.resourceClass] ?? 0;
    if (kept >= row.amount) return [];
    const { resourceClass } = row;
    return [
      { row, kept, movement: { part: row, resourceClass, heldDelta: 0, usedDelta: kept - row.amount } },
    ];
  });
  const book = await openBook(
    tx,
    returned.map(({ movement }) => movement),
  );
  for (const { row, kept, movement } of returned) {
    const { tenancyId, placementId, resourceClass } = row;
    const posting = { kind: "return" as const, at: ctx.clock.now(), holdId: null, tenancyId, placementId };
    enter(book, [movement], posting);
    await setClaim(tx, placementId, resourceClass, kept);
  }
  writeBook(tx, book);
}

/** Quota counts holds like claims; whoever is refused wants to know what may yet come back. */
async function toldApart(tx: Tx, refusal: HoldRefusal, entered: number): Promise<HoldRefusal> {
  if (refusal.nodeId === null) return refusal;
  const below = (await heldBelow(tx, [refusal.nodeId])).get(refusal.nodeId) ?? {};
  const held = Math.min(refusal.used, amountOf(below, refusal.dimension) + entered);
  return { ...refusal, used: refusal.used - held, held };
}

/** A hold whose time is over counts as expired, also before somebody has taken it away. */
async function activeHold(tx: Tx, holdId: HoldId, now: Date): Promise<HoldRow> {
  const row = await lockHold(tx, holdId);
  if (row === undefined || row.state !== "active" || row.expiresAt <= now) {
    throw fault("hold.expired", { holdId });
  }
  return row;
}
