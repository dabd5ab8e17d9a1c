import { z } from "zod";
import type { AuditEvent } from "../audit/record.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { fault } from "../kernel/fault.ts";
import { keepDecisions } from "../policy/explain/keep.ts";
import { launch } from "../provisioning/launch.ts";
import { lockTenancy, type TenancyRow } from "../tenancies/store.ts";
import { defineVerb, type Outcome } from "../verb.ts";
import { dueAt } from "./clocks.ts";
import { assertNoConflict } from "./conflicts.ts";
import { type Deliberation, decide } from "./decide.ts";
import { tryCreate } from "./dry-runs.ts";
import { type Asked, ask } from "./question.ts";
import { requestAudit, requestEvent } from "./record.ts";
import { type Reserved, reserve } from "./reserve.ts";
import { rowOf } from "./row.ts";
import { insertRequests, type RequestRow, saveRequest } from "./store.ts";
import { submitTogether } from "./submit-together.ts";
import { type FullView, viewOf } from "./view.ts";
import { AnyRequestBody, type CreateBody, type TenancyRequestBody } from "./wire-body.ts";

const SubmitRequest = z.strictObject({ body: AnyRequestBody });

interface Prepared {
  readonly asked: Asked;
  readonly deliberation: Deliberation;
}

/**
 * Decides and, unless the request is denied, holds quota and capacity for it. The decision is made outside
 * the writing transaction; inside, the ledger has the last word on what still fits. Who asks for something new
 * shares that transaction with others who ask at the same moment.
 */
export const submitRequest = defineVerb({
  name: "request.submit",
  permission: "request.submit",
  input: SubmitRequest,
  async prepare(tx, ctx, { body }): Promise<Prepared> {
    const asked = await ask(tx, ctx, body);
    return { asked, deliberation: await decide(tx, ctx, asked.question) };
  },
  together: {
    takes: ({ body }) => !("tenancyId" in body),
    // Never older than what this process has changed itself; the ledger looks again in the moment of writing.
    prepare: (db, ctx, { body }, attempt) =>
      tryCreate(db, { ctx, body: somethingNew(body) }, attempt === 1 ? "own" : "fresh"),
    run: (tx, calls) =>
      submitTogether(
        tx,
        calls.map(({ ctx, input, prepared }) => ({ ctx, body: somethingNew(input.body), ...prepared })),
      ),
  },
  async run(tx, ctx, { body }, { asked, deliberation }): Promise<Outcome<FullView>> {
    if (asked.tenancy === null) throw new Error("what is new is submitted together with others");
    const tenancy = await lockUnchanged(tx, asked.tenancy);
    await assertNoConflict(tx, asked.question.organizationId, body, tenancy);
    const id = ctx.ids.next("req");
    const reserved = await reserve(tx, ctx, id, asked.question, deliberation);
    const row = rowOf(ctx, id, body, asked, reserved);
    insertRequests(tx, [row]);
    await keepDecisions(tx, ctx, [{ requestId: id, evidence: reserved.deliberation.evidence() }]);
    return settled(tx, ctx, row, reserved);
  },
});

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

function somethingNew(body: TenancyRequestBody): CreateBody {
  if ("tenancyId" in body) throw new Error("a change is not submitted together with others");
  return body;
}

/** The decision counted on what the tenancy held then; on other figures it would hold too little or too much. */
async function lockUnchanged(tx: Tx, seen: TenancyRow): Promise<TenancyRow> {
  const tenancy = await lockTenancy(tx, seen.id);
  if (tenancy === undefined) throw fault("http.not_found");
  if (tenancy.generation !== seen.generation) throw fault("generation.conflict", { id: seen.id });
  return tenancy;
}
