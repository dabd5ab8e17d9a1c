import type { App } from "../../control-plane/context.ts";
import type { Tx } from "../../control-plane/db/tx.ts";
import { plus } from "../../control-plane/kernel/clock.ts";
import { isFault } from "../../control-plane/kernel/fault.ts";
import type { AccountId, PlacementId, TenancyId } from "../../control-plane/kernel/ids.ts";
import { type Lane, lane } from "../../control-plane/kernel/lane.ts";
import { entriesOf, type ResourceVector, vectorOf } from "../../control-plane/kernel/quantity.ts";
import type { HeldPart } from "../../control-plane/quota/held-part.ts";
import {
  commitHold,
  hold,
  holdTogether,
  releaseHold,
  returnClaims,
  type Wish,
} from "../../control-plane/quota/ledger.ts";
import { expireRequests } from "../../control-plane/requests/expire.ts";
import { UNDECIDED } from "../../control-plane/requests/lifecycle.ts";
import { lockRequest, saveRequest } from "../../control-plane/requests/store.ts";
import { CHANGEABLE } from "../../control-plane/tenancies/changeable.ts";
import { lockTenancy } from "../../control-plane/tenancies/store.ts";
import { GROUP_COMMIT } from "../../control-plane/together.ts";
import type { Ending, Operation } from "./message.ts";
import { PLACES, partAt } from "./province.ts";
import {
  type ChosenHold,
  closeTenancy,
  insertTenancy,
  insertWaiting,
  placementsWithClaims,
  someHold,
  someTenancy,
  type WaitingRequest,
  wantWhatIsClaimed,
} from "./rows.ts";

/** From moments, so that holds run out while somebody is about to commit them, to as long as needed. */
const HOLD_MS = [500, 5000, 30_000, 30_000, 30_000, 30_000];
const CHANGEABLE_OR_NEW: readonly string[] = [...CHANGEABLE, "provisioning"];

export interface Racer {
  readonly app: App;
  readonly accountId: AccountId;
  /** Where holds of one moment share a transaction, as submissions do. */
  readonly holds: Lane<Wish, Ending>;
}

export function racerOf(app: App, accountId: AccountId): Racer {
  const holds = lane<Wish, Ending>({
    ...GROUP_COMMIT,
    carryOut: (wishes) => app.db.withTx((tx) => holdAll(tx, app, accountId, wishes)),
    isGeneral: () => true,
  });
  return { app, accountId, holds };
}

async function holdAll(
  tx: Tx,
  app: App,
  submittedBy: AccountId,
  wishes: readonly Wish[],
): Promise<PromiseSettledResult<Ending>[]> {
  const outcomes = await holdTogether(
    tx,
    app,
    wishes.map((wish) => [wish]),
  );
  const endings: PromiseSettledResult<Ending>[] = [];
  const waiting: WaitingRequest[] = [];
  for (const [index, { requestId: id }] of wishes.entries()) {
    const outcome = outcomes[index];
    if (outcome?.status !== "fulfilled") throw outcome?.reason;
    const { value } = outcome;
    if (value.held) waiting.push({ id, kind: "create", holdId: value.holdId, tenancyId: null, submittedBy });
    endings.push({ status: "fulfilled", value: value.held ? "done" : "refused" });
  }
  insertWaiting(tx, waiting);
  return endings;
}

/** Everything but submissions: the ledger as requests and tenancies use it, in their order of locks. */
export const LEDGER_OPERATIONS: Readonly<
  Record<Exclude<Operation, "submit">, (racer: Racer) => Promise<Ending>>
> = {
  hold: (racer) => {
    const here = pick(PLACES);
    const there = pick(PLACES);
    const parts = [partAt(here, someAmounts(), "primary")];
    if (Math.random() < 0.25) parts.push(partAt(there, someAmounts(), "recovery"));
    const expiresAt = plus(racer.app.clock.now(), pick(HOLD_MS));
    return racer.holds.join({ requestId: racer.app.ids.next("req"), parts, expiresAt });
  },
  commit: ({ app }) =>
    app.db
      .withTx(async (tx) => {
        const chosen = await someHold(tx);
        if (chosen === null) return "none" as const;
        return commit(tx, app, chosen);
      })
      .catch((error: unknown) => {
        if (isFault(error, "hold.expired")) return "late" as const;
        throw error;
      }),
  release: ({ app }) =>
    app.db.withTx(async (tx) => {
      const chosen = await someHold(tx);
      if (chosen === null) return "none";
      const request = await lockRequest(tx, chosen.requestId);
      if (!UNDECIDED.includes(request.status) || request.holdId === null) return "none";
      await releaseHold(tx, app, request.holdId);
      await saveRequest(tx, request, { status: "withdrawn" }, app.clock.now());
      return "done";
    }),
  grow: (racer) =>
    racer.app.db.withTx(async (tx) => {
      const id = await lockSome(tx);
      const [first] = id === null ? [] : await placementsWithClaims(tx, id);
      if (id === null || first === undefined) return "none";
      const growth = { ...first.part, amounts: someAmounts() };
      return growFor(tx, racer, id, [growth]);
    }),
  shrink: ({ app }) =>
    app.db.withTx(async (tx) => {
      const id = await lockSome(tx);
      if (id === null) return "none";
      const keep = new Map<PlacementId, ResourceVector>();
      for (const { placementId, part } of await placementsWithClaims(tx, id)) {
        const kept = entriesOf(part.amounts).map(([name, amount]) => [name, Math.ceil(amount / 2)] as const);
        keep.set(placementId, vectorOf(kept));
      }
      await returnClaims(tx, app, keep);
      await wantWhatIsClaimed(tx, id);
      return "done";
    }),
  close: ({ app }) =>
    app.db.withTx(async (tx) => {
      const id = await lockSome(tx);
      if (id === null) return "none";
      const all = await placementsWithClaims(tx, id);
      await returnClaims(tx, app, new Map(all.map(({ placementId }) => [placementId, {}])));
      await closeTenancy(tx, id);
      return "done";
    }),
  expire: async ({ app }) => ((await expireRequests(app)) > 0 ? "done" : "none"),
};

async function growFor(
  tx: Tx,
  { app, accountId }: Racer,
  tenancyId: TenancyId,
  parts: readonly HeldPart[],
): Promise<Ending> {
  const id = app.ids.next("req");
  const outcome = await hold(tx, app, id, parts, plus(app.clock.now(), pick(HOLD_MS)));
  if (!outcome.held) return "refused";
  const { holdId } = outcome;
  insertWaiting(tx, [{ id, kind: "resize", holdId, tenancyId, submittedBy: accountId }]);
  return "done";
}

/** The request first, then its tenancy, then the hold: as an approval does it. */
async function commit(tx: Tx, app: App, { requestId, parts }: ChosenHold): Promise<Ending> {
  const request = await lockRequest(tx, requestId);
  const { holdId, kind } = request;
  if (!UNDECIDED.includes(request.status) || holdId === null) return "none";

  const status = "provisioning" as const;
  if (kind === "create") {
    const id = app.ids.next("ten");
    const placementIds = new Map(parts.map(({ role }) => [role, app.ids.next("plc")] as const));
    await insertTenancy(tx, id, requestId, parts, placementIds);
    await commitHold(tx, app, holdId, id, placementIds);
    await saveRequest(tx, request, { status, tenancyId: id }, app.clock.now());
    return "done";
  }
  const tenancy = request.tenancyId === null ? undefined : await lockTenancy(tx, request.tenancyId);
  if (tenancy === undefined || !CHANGEABLE_OR_NEW.includes(tenancy.status)) {
    await releaseHold(tx, app, holdId);
    await saveRequest(tx, request, { status: "rejected" }, app.clock.now());
    return "refused";
  }
  const placements = await placementsWithClaims(tx, tenancy.id);
  const placementIds = new Map(placements.map(({ placementId, part }) => [part.role, placementId]));
  await commitHold(tx, app, holdId, tenancy.id, placementIds);
  await wantWhatIsClaimed(tx, tenancy.id);
  await saveRequest(tx, request, { status: "closed" }, app.clock.now());
  return "done";
}

async function lockSome(tx: Tx): Promise<TenancyId | null> {
  const id = await someTenancy(tx, pick(PLACES).pool);
  const tenancy = id === null ? undefined : await lockTenancy(tx, id);
  return tenancy === undefined || !CHANGEABLE_OR_NEW.includes(tenancy.status) ? null : tenancy.id;
}

function someAmounts(): ResourceVector {
  const amount = () => 1 + Math.floor(Math.random() * 6);
  // One class alone or both: locks are taken in one order whatever is asked for.
  const kind = Math.random();
  if (kind < 0.3) return { VCPU: amount() };
  if (kind < 0.6) return { MEMORY_GIB: amount() };
  return { MEMORY_GIB: amount(), VCPU: amount() };
}

/** One of a list that is not empty. */
export function pick<Value>(values: readonly Value[]): Value {
  const value = values[Math.floor(Math.random() * values.length)];
  if (value === undefined) throw new Error("nothing to choose from");
  return value;
}
