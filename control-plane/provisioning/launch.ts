import type { AuditEvent } from "../audit/record.ts";
import { assertExtendable } from "../commitments/extend.ts";
import type { Ctx } from "../context.ts";
import { sendAhead, type Tx } from "../db/tx.ts";
import type { EventDraft } from "../events/publish.ts";
import { daysInclusive } from "../kernel/calendar.ts";
import { HOUR_MS, plus } from "../kernel/clock.ts";
import type { AccountId, OperationId, PlacementId, TenancyId } from "../kernel/ids.ts";
import type { HeldPart } from "../quota/held-part.ts";
import { commitHold } from "../quota/ledger.ts";
import type { Plan } from "../requests/plan.ts";
import type { RequestRow } from "../requests/store.ts";
import type { TenancyGrant } from "../tenancies/grant.ts";
import { moveTenancy, tenancyAudit, tenancyEvent } from "../tenancies/move.ts";
import {
  desirePlacement,
  insertPlacements,
  insertTenancies,
  lockTenancy,
  type PlacementRow,
  placementsOf,
  saveTenancy,
  type TenancyRow,
} from "../tenancies/store.ts";
import { desire } from "./desire.ts";
import { type DesiredPlacement, nameIn } from "./desired.ts";
import { operationEvent } from "./operation-event.ts";
import { stepsOf } from "./plan-operation.ts";
import {
  insertOperation,
  insertOperations,
  type NewOperation,
  type OperationRow,
  openOperation,
  saveOperation,
} from "./rows.ts";

export interface Launched {
  readonly tenancyId: TenancyId;
  readonly operationId: OperationId;
  readonly audit: readonly AuditEvent[];
  readonly events: readonly EventDraft[];
}

/** Turns an approved plan into desired state and an operation; the clouds are asked later, by the worker. */
export async function launch(
  tx: Tx,
  ctx: Ctx,
  request: RequestRow,
  plan: Plan,
  approvedBy: readonly AccountId[],
): Promise<Launched> {
  const granted = grantOf(request, plan, approvedBy);
  const change = plan.tenancyId === null ? null : await lockTenancy(tx, plan.tenancyId);
  if (change === undefined) throw new Error(`plan of ${request.id} names an unknown tenancy`);
  if (change === null) return create(tx, ctx, request, plan, granted);
  switch (plan.kind) {
    case "renew":
      return renew(tx, ctx, request, plan, change);
    case "release":
      return retire(tx, ctx, request, change);
    default:
      return resize(tx, ctx, request, plan, change);
  }
}

async function create(
  tx: Tx,
  ctx: Ctx,
  request: RequestRow,
  plan: Plan,
  granted: TenancyGrant,
): Promise<Launched> {
  const founding = found(ctx, request, plan, granted, newIds(ctx, plan));
  await establish(tx, ctx, [founding]);
  const { tenancyId, placementIds } = founding.ids;
  if (request.holdId !== null) await commitHold(tx, ctx, request.holdId, tenancyId, placementIds);
  return founding.launched;
}

/** The names of what is about to be made; the ledger writes claims under them. */
export interface NewIds {
  readonly tenancyId: TenancyId;
  readonly placementIds: ReadonlyMap<HeldPart["role"], PlacementId>;
  readonly operationId: OperationId;
}

export function newIds({ ids }: Pick<Ctx, "ids">, plan: Plan): NewIds {
  return {
    tenancyId: ids.next("ten"),
    placementIds: new Map(plan.parts.map((part) => [part.role, ids.next("plc")])),
    operationId: ids.next("op"),
  };
}

/** A new tenancy with its placements and its operation, not yet written. */
export interface Founding {
  readonly ids: NewIds;
  readonly tenancy: TenancyRow;
  readonly placements: readonly PlacementRow[];
  readonly operation: NewOperation;
  readonly launched: Launched;
}

/** What an allowed or approved plan for something new comes to. */
export function foundingOf(ctx: Ctx, request: RequestRow, plan: Plan, ids: NewIds): Founding {
  return found(ctx, request, plan, grantOf(request, plan, []), ids);
}

function found(ctx: Ctx, request: RequestRow, plan: Plan, granted: TenancyGrant, ids: NewIds): Founding {
  const now = ctx.clock.now();
  const { tenancyId } = ids;
  const tenancy: TenancyRow = {
    id: tenancyId,
    organizationId: plan.organizationId,
    systemId: request.systemId,
    cloudId: cloudOf(plan),
    environment: plan.environment,
    status: "provisioning",
    granted,
    requestId: request.id,
    changeRequestId: null,
    termStart: plan.term.start,
    termEnd: plan.term.end,
    confirmations: [],
    statusReason: null,
    createdAt: now,
    updatedAt: now,
    generation: 1,
  };
  const placements = plan.parts.map((part): PlacementRow => {
    const id = placementOf(ids.placementIds, part.role);
    const { role, cloudId, poolId, quotaNodeId } = part;
    const desired = desiredBy(ctx, tenancy, plan, id, part, { suspended: false });
    return { ...UNSEEN, id, tenancyId, role, cloudId, poolId, quotaNodeId, desired };
  });
  const operation = {
    ...operationOf(ctx, request, tenancy, "provision"),
    id: ids.operationId,
    status: "pending" as const,
    steps: stepsOf(placements.map((placement) => ({ ...placement, converged: false }))),
  };
  const audit = [tenancyAudit("tenancy.granted", null, tenancy)];
  const launched = { tenancyId, operationId: operation.id, audit, events: [tenancyEvent(tenancy)] };
  return { ids, tenancy, placements, operation, launched };
}

const UNSEEN = {
  desiredGeneration: 1,
  observed: null,
  observedGeneration: 0,
  observedAt: null,
  driftFields: 0,
  wipeReceipt: null,
};

/** Writes any number of new tenancies, with the jobs that will carry them out. */
export async function establish(
  tx: Tx,
  { queue }: Pick<Ctx, "queue">,
  foundings: readonly Founding[],
): Promise<void> {
  const tenancies = foundings.map(({ tenancy }) => tenancy);
  insertTenancies(tx, tenancies);
  insertPlacements(
    tx,
    foundings.flatMap(({ placements }) => placements),
  );
  insertOperations(
    tx,
    foundings.map(({ operation }) => operation),
  );
  const ids = tenancies.map(({ id }) => id);
  sendAhead(tx, queue.enqueue(tx, "tenancy.reconcile", ...ids));
}

/** Growth is claimed now, since the hold ends; what becomes free is given back once the cloud has confirmed. */
async function resize(
  tx: Tx,
  ctx: Ctx,
  request: RequestRow,
  plan: Plan,
  before: TenancyRow,
): Promise<Launched> {
  const placements = await placementsOf(tx, before.id);
  const placementIds = new Map(placements.map((placement) => [placement.role, placement.id]));
  if (request.holdId !== null) await commitHold(tx, ctx, request.holdId, before.id, placementIds);
  const moved = await moveTenancy(tx, ctx, before, "changing", "tenancy.changed", {
    changeRequestId: request.id,
  });
  // A size is changed without starting what somebody has suspended.
  const suspended = before.status === "suspended";
  for (const { id, role, desired: before } of placements) {
    const part = plan.parts.find((planned) => planned.role === role);
    const desired = part && desiredBy(ctx, moved.tenancy, plan, id, part, { suspended, before });
    // A part that nothing is asked of any more goes; otherwise it would stay at its cloud without a claim.
    await desirePlacement(tx, id, desired ?? { state: "absent", name: nameIn(before) });
  }
  return started(tx, ctx, request, moved.tenancy, "resize", [moved.audit]);
}

/** A renewal touches no cloud: it is done as soon as it is approved. */
async function renew(
  tx: Tx,
  ctx: Ctx,
  request: RequestRow,
  plan: Plan,
  before: TenancyRow,
): Promise<Launched> {
  const now = ctx.clock.now();
  const staying = plan.parts.map(({ poolId, quotaNodeId, before: amounts }) => ({
    poolId,
    quotaNodeId,
    amounts,
  }));
  await assertExtendable(tx, ctx, staying, { end: before.termEnd, newEnd: plan.term.end });
  const term = {
    start: before.termStart,
    end: plan.term.end,
    days: daysInclusive(before.termStart, plan.term.end),
  };
  const facts = { ...before.granted.facts, term };
  const change = { termEnd: plan.term.end, granted: { ...before.granted, facts } };
  const saved = await saveTenancy(tx, before, change, now);
  const operation = await insertOperation(tx, {
    ...operationOf(ctx, request, saved, "renew"),
    status: "succeeded",
    steps: [{ name: "renew", status: "done", message: plan.term.end, at: now.toISOString() }],
    progress: 100,
    finishedAt: now,
  });
  const audit = [tenancyAudit("tenancy.changed", before, saved)];
  return { tenancyId: saved.id, operationId: operation.id, audit, events: [tenancyEvent(saved)] };
}

async function retire(tx: Tx, ctx: Ctx, request: RequestRow, before: TenancyRow): Promise<Launched> {
  const retiring = await moveTenancy(tx, ctx, before, "retiring", "tenancy.changed", {
    changeRequestId: request.id,
  });
  // The release carries the department's word on its data, without which it is not accepted.
  const exported = await moveTenancy(tx, ctx, retiring.tenancy, "exported", "tenancy.exported");
  for (const placement of await placementsOf(tx, before.id)) {
    await desirePlacement(tx, placement.id, { state: "absent", name: nameIn(placement.desired) });
  }
  return started(tx, ctx, request, exported.tenancy, "retire", [retiring.audit, exported.audit]);
}

/** What an operation needs of a command, or of the system's own work. */
export type LaunchContext = Pick<Ctx, "clock" | "ids" | "config" | "queue">;

/** The operation that carries out what the tenancy's placements desire now; no request stands behind a suspension. */
export async function started(
  tx: Tx,
  ctx: LaunchContext,
  request: Pick<RequestRow, "id"> | null,
  tenancy: TenancyRow,
  kind: OperationRow["kind"],
  audit: readonly AuditEvent[],
): Promise<Launched> {
  const placements = await placementsOf(tx, tenancy.id);
  const states = placements.map((placement) => ({ ...placement, converged: false }));
  const superseded = await supersede(tx, ctx, tenancy.id);
  const operation = await insertOperation(tx, {
    ...operationOf(ctx, request, tenancy, kind),
    status: "pending",
    steps: stepsOf(states),
  });
  await ctx.queue.enqueue(tx, "tenancy.reconcile", tenancy.id);
  const events = [...superseded, tenancyEvent(tenancy)];
  return { tenancyId: tenancy.id, operationId: operation.id, audit, events };
}

/** Ends the operation that is still open: something else is wanted now, so nobody will finish it. */
async function supersede(tx: Tx, ctx: LaunchContext, tenancyId: TenancyId): Promise<EventDraft[]> {
  const open = await openOperation(tx, tenancyId);
  if (open === undefined || open.status === "failed") return [];
  const now = ctx.clock.now();
  const change = { status: "failed" as const, error: SUPERSEDED, finishedAt: now };
  return [operationEvent(await saveOperation(tx, open, change, now))];
}

const SUPERSEDED = {
  code: "operation.superseded",
  message: "something else is wanted of the tenancy since",
  messageZh: "已被后续作业取代",
  transient: false,
};

/** What every operation begins with. */
export function operationOf(
  ctx: Pick<LaunchContext, "clock" | "ids" | "config">,
  request: Pick<RequestRow, "id"> | null,
  tenancy: TenancyRow,
  kind: OperationRow["kind"],
) {
  const now = ctx.clock.now();
  return {
    id: ctx.ids.next("op"),
    kind,
    tenancyId: tenancy.id,
    requestId: request?.id ?? null,
    organizationId: tenancy.organizationId,
    cloudId: tenancy.cloudId,
    dueAt: plus(now, ctx.config.DELIVER_HOURS * HOUR_MS),
    createdAt: now,
    updatedAt: now,
  };
}

function desiredBy(
  ctx: Ctx,
  tenancy: TenancyRow,
  plan: Plan,
  placementId: PlacementId,
  part: Plan["parts"][number],
  state: { readonly suspended: boolean; readonly before?: DesiredPlacement },
) {
  return desire({
    installation: ctx.config.INSTALLATION,
    organizationId: plan.organizationId,
    tenancyId: tenancy.id,
    placementId,
    displayName: plan.system.name,
    part,
    instances: plan.instances,
    ...state,
  });
}

function grantOf(request: RequestRow, plan: Plan, approvedBy: readonly AccountId[]): TenancyGrant {
  return {
    requestId: request.id,
    planHash: request.planHash ?? "",
    approvedBy,
    resources: plan.resources,
    instances: plan.instances,
    facts: request.facts,
  };
}

function cloudOf(plan: Plan) {
  const primary = plan.parts.find((part) => part.role === "primary");
  if (primary === undefined) throw new Error("a plan has a primary part");
  return primary.cloudId;
}

function placementOf(ids: ReadonlyMap<HeldPart["role"], PlacementId>, role: HeldPart["role"]): PlacementId {
  const id = ids.get(role);
  if (id === undefined) throw new Error(`the tenancy has no ${role} placement`);
  return id;
}
