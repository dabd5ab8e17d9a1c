import { z } from "zod";
import type { AuditEvent } from "../audit/record.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { launch } from "../provisioning/launch.ts";
import { CHANGEABLE, RELEASABLE } from "../tenancies/changeable.ts";
import { lockTenancy, type TenancyRow } from "../tenancies/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { dueAt } from "./clocks.ts";
import { type Deliberation, decide } from "./decide.ts";
import { factsOfCreate } from "./facts.ts";
import type { LifeStatus } from "./lifecycle.ts";
import { type Asked, ask } from "./question.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { type Reserved, reserve } from "./reserve.ts";
import {
  findOpenChange,
  findOpenTwin,
  findSystem,
  insertRequest,
  insertSystem,
  type RequestRow,
  saveRequest,
} from "./store.ts";
import { type FullView, viewOf } from "./view.ts";
import { AnyRequestBody, type TenancyRequestBody } from "./wire-body.ts";

const SubmitRequest = z.strictObject({ body: AnyRequestBody });

interface Prepared {
  readonly asked: Asked;
  readonly deliberation: Deliberation;
}

/**
 * Decides and, unless the request is denied, holds quota and capacity for it. The decision is made outside
 * the writing transaction; inside, the ledger has the last word on what still fits.
 */
export const submitRequest = defineVerb({
  name: "request.submit",
  permission: "request.submit",
  input: SubmitRequest,
  async prepare(tx, ctx, { body }): Promise<Prepared> {
    const asked = await ask(tx, ctx, body);
    return { asked, deliberation: await decide(tx, ctx, asked.question) };
  },
  async run(tx, ctx, { body }, prepared): Promise<Outcome<FullView>> {
    const asked = await registered(tx, prepared.asked, body);
    const { organizationId } = asked.question;
    const twin = await findOpenTwin(tx, organizationId, body);
    if (twin !== null) throw fault("request.duplicate", { id: twin });
    if (asked.tenancy !== null) await assertChangeable(tx, asked.tenancy, asked.question.facts.kind);
    const id = ctx.ids.next("req");
    const reserved = await reserve(tx, ctx, id, asked.question, prepared.deliberation);
    const row = await insertRequest(tx, rowOf(ctx, id, body, asked, reserved));
    return settled(tx, ctx, row, reserved);
  },
});

function rowOf(
  ctx: Ctx,
  id: RequestRow["id"],
  body: TenancyRequestBody,
  asked: Asked,
  { deliberation, proposal, holdId }: Reserved,
) {
  const now = ctx.clock.now();
  const { decision, placement } = deliberation;
  const denied = proposal === null;
  const status = denied ? ("rejected" as const) : ("submitted" as const);
  return {
    id,
    kind: body.kind ?? ("create" as const),
    organizationId: asked.question.organizationId,
    systemId: asked.systemId,
    cloudId: proposal?.plan.parts.find(({ role }) => role === "primary")?.cloudId ?? null,
    submittedBy: submitterOf(ctx),
    body,
    facts: asked.question.facts,
    status,
    reason: denied ? "denied" : null,
    decision,
    placement,
    plan: proposal?.plan ?? null,
    planHash: proposal?.planHash ?? null,
    holdId,
    tenancyId: asked.tenancy?.id ?? null,
    dueAt: dueAt(status, now, ctx.config),
    createdAt: now,
    updatedAt: now,
  };
}

/** Denied: that is all. Allowed: no person has to say more, so it walks on to provisioning at once. */
async function settled(tx: Tx, ctx: Ctx, row: RequestRow, reserved: Reserved): Promise<Outcome<FullView>> {
  const { proposal } = reserved;
  const submitted = requestAudit("request.submit", null, row);
  if (proposal === null) {
    return {
      result: await viewOf(tx, row, ctx.clock.now()),
      audit: { ...submitted, outcome: "refused" },
      events: [requestEvent(row)],
    };
  }
  if (proposal.decision.outcome !== "allowed") {
    return { result: await viewOf(tx, row, ctx.clock.now()), audit: submitted, events: [requestEvent(row)] };
  }
  const launched = await launch(tx, ctx, row, proposal.plan, []);
  const status = proposal.plan.kind === "renew" ? ("closed" as const) : ("provisioning" as const);
  const now = ctx.clock.now();
  const { tenancyId, operationId } = launched;
  const after = await saveRequest(
    tx,
    row,
    { status, tenancyId, operationId, dueAt: dueAt(status, now, ctx.config) },
    now,
  );
  const audit: AuditEvent[] = [submitted, requestAudit("request.approve", row, after), ...launched.audit];
  return {
    result: await viewOf(tx, after, ctx.clock.now()),
    audit,
    events: [requestEvent(after), ...launched.events],
  };
}

function submitterOf(ctx: Ctx) {
  if (ctx.actor.accountId === null) throw new Error("a request is submitted by an account");
  return ctx.actor.accountId;
}

/** Registers a system that the request names for the first time; a race with an equal request finds its row. */
async function registered(tx: Tx, asked: Asked, body: TenancyRequestBody): Promise<Asked> {
  if (asked.knownSystem || "tenancyId" in body) return asked;
  const { organizationId } = asked.question;
  const { name, mlpsLevel, dataClass, filingNo = null } = body.system;
  await insertSystem(tx, { id: asked.systemId, organizationId, name, mlpsLevel, dataClass, filingNo });
  const system = await findSystem(tx, organizationId, name);
  if (system === undefined) throw new Error("a system vanished inside its own transaction");
  const facts = factsOfCreate(body, system.id);
  return { ...asked, systemId: system.id, question: { ...asked.question, facts } };
}

/** One change at a time: two plans for one tenancy would each be made without the other. */
async function assertChangeable(tx: Tx, seen: TenancyRow, kind: RequestRow["kind"]): Promise<void> {
  const { id } = seen;
  const tenancy = await lockTenancy(tx, id);
  if (tenancy === undefined) throw fault("http.not_found");
  // The decision counted on what the tenancy held then; on other figures it would hold too little or too much.
  if (tenancy.generation !== seen.generation) throw fault("generation.conflict", { id });
  const possible: readonly LifeStatus[] = kind === "release" ? RELEASABLE : CHANGEABLE;
  if (!possible.includes(tenancy.status)) {
    throw fault("tenancy.invalid_transition", { status: tenancy.status, possible });
  }
  const other = await findOpenChange(tx, id);
  if (other !== null) throw fault("tenancy.change_in_progress", { requestId: other });
}
