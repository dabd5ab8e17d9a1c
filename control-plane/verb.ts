import type { z } from "zod";
import { type AuditEvent, record } from "./audit/record.ts";
import type { Permission } from "./authz/permissions.ts";
import { type Scope, scopeOf, widened } from "./authz/scope.ts";
import type { App, Caller, Ctx } from "./context.ts";
import type { Tx } from "./db/tx.ts";
import { type EventDraft, publish } from "./events/publish.ts";
import {
  claimKey,
  type IdempotencyKey,
  keepResponse,
  keptResponse,
  type StoredResponse,
} from "./http/idempotency.ts";
import { type Fault, fault, isFault } from "./kernel/fault.ts";

/** What a verb leaves behind. `refusal` commits the transaction and still answers with a problem. */
export interface Outcome<Result> {
  readonly result: Result;
  readonly audit: AuditEvent | readonly AuditEvent[];
  readonly events?: readonly EventDraft[];
  readonly refusal?: Fault;
}

interface VerbBase<Input> {
  /** `object.action`: the row of the permission matrix. */
  readonly name: string;
  readonly permission: Permission;
  readonly input: z.ZodType<Input>;
}

/** A change: it cannot be written without saying what the audit log will hold. */
export interface Command<Input, Result, Prepared = undefined> extends VerbBase<Input> {
  readonly effect: "write";
  /** Reads and decides outside the writing transaction, in one of its own. */
  readonly prepare?: (tx: Tx, ctx: Ctx, input: Input) => Promise<Prepared>;
  readonly run: (tx: Tx, ctx: Ctx, input: Input, prepared: Prepared) => Promise<Outcome<Result>>;
  /** What of the result may be kept for repeats of the call; everything, unless a secret is shown once. */
  readonly withoutSecrets?: (result: Result) => Result;
}

export interface Query<Input, Result> extends VerbBase<Input> {
  readonly effect: "read";
  readonly run: (tx: Tx, ctx: Ctx, input: Input) => Promise<Result>;
}

export type AnyVerb = Pick<VerbBase<unknown>, "name" | "permission"> & { readonly effect: "read" | "write" };

export function defineVerb<Input, Result, Prepared = undefined>(
  verb: Omit<Command<Input, Result, Prepared>, "effect">,
): Command<Input, Result, Prepared> {
  return { ...verb, effect: "write" };
}

export function defineQuery<Input, Result>(
  query: Omit<Query<Input, Result>, "effect">,
): Query<Input, Result> {
  return { ...query, effect: "read" };
}

/** How one answer is made from a result, and the key under which it is kept for repeats. */
export interface Answering<Result> {
  readonly once?: IdempotencyKey | null;
  readonly respond: (result: Result) => StoredResponse;
}

/** Where the caller may do this; somebody who may not is refused, and the refusal is recorded. */
export async function authorise(app: App, caller: Caller, verb: AnyVerb): Promise<Ctx> {
  const scope = scopeOf(caller.actor.grants, verb.permission);
  if (scope !== null) return contextOf(app, caller, widened(scope, verb.permission));
  const refusal = fault("auth.forbidden", { permission: verb.permission });
  await recordRefusal(app, caller, verb.name, refusal);
  throw refusal;
}

export async function runQuery<Input, Result>(
  app: App,
  caller: Caller,
  query: Query<Input, Result>,
  raw: unknown,
): Promise<Result> {
  const ctx = await authorise(app, caller, query);
  const input = parsed(query.input, raw);
  try {
    return await app.db.withTx((tx) => query.run(tx, ctx, input));
  } catch (error) {
    if (isFault(error, "auth.forbidden")) await recordRefusal(app, caller, query.name, error);
    throw error;
  }
}

/** The way of every change: authorise, parse, prepare, transact with its audit rows, answer. */
export async function runVerb<Input, Result, Prepared>(
  app: App,
  caller: Caller,
  verb: Command<Input, Result, Prepared>,
  raw: unknown,
  answering: Answering<Result>,
): Promise<StoredResponse> {
  const ctx = await authorise(app, caller, verb);
  const input = parsed(verb.input, raw);
  try {
    const settled = await transact(app, ctx, verb, input, answering);
    if (settled.refusal !== undefined) throw new CommittedRefusal(settled.refusal);
    return settled.response;
  } catch (error) {
    if (error instanceof CommittedRefusal) throw error.refusal;
    if (isFault(error) && error.status < 500) await recordRefusal(app, caller, verb.name, error);
    throw error;
  }
}

/** For callers inside the process: the command line, the first start, the worker. */
export async function perform<Input, Result, Prepared>(
  app: App,
  caller: Caller,
  verb: Command<Input, Result, Prepared>,
  raw: unknown,
): Promise<Result> {
  let kept: Result | undefined;
  await runVerb(app, caller, verb, raw, {
    respond: (result) => {
      kept = result;
      return { status: 200, body: null, headers: {} };
    },
  });
  return kept as Result;
}

/** A refusal whose audit row was committed together with what it changed. */
class CommittedRefusal extends Error {
  readonly refusal: Fault;

  constructor(refusal: Fault) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

interface Settled {
  readonly response: StoredResponse;
  readonly refusal?: Fault;
}

async function transact<Input, Result, Prepared>(
  app: App,
  ctx: Ctx,
  verb: Command<Input, Result, Prepared>,
  input: Input,
  answering: Answering<Result>,
): Promise<Settled> {
  const { once } = answering;
  const prepare = verb.prepare;
  const replay = once ? await app.db.withTx((tx) => keptResponse(tx, once)) : null;
  if (replay !== null) return { response: replay };
  const prepared = prepare ? await app.db.withTx((tx) => prepare(tx, ctx, input)) : (undefined as Prepared);
  return app.db.withTx(async (tx) => {
    const kept = once ? await claimKey(tx, once, ctx.clock.now()) : null;
    if (kept !== null) return { response: kept };
    const outcome = await verb.run(tx, ctx, input, prepared);
    await record(tx, ctx, [outcome.audit].flat());
    await publish(tx, ctx, outcome.events ?? []);
    if (outcome.refusal !== undefined) return { response: NO_RESPONSE, refusal: outcome.refusal };
    const response = answering.respond(outcome.result);
    const { withoutSecrets } = verb;
    const repeat = withoutSecrets ? answering.respond(withoutSecrets(outcome.result)) : response;
    if (once) await keepResponse(tx, once, repeat);
    return { response };
  });
}

const NO_RESPONSE: StoredResponse = { status: 409, body: null, headers: {} };

function contextOf(app: App, caller: Caller, scope: Scope): Ctx {
  const { clock, ids, log, queue, policies, config } = app;
  return { ...caller, scope, clock, ids, log, queue, policies, config };
}

/** @throws http.invalid_input with every path and reason */
export function parsed<Input>(schema: z.ZodType<Input>, raw: unknown): Input {
  const outcome = schema.safeParse(raw);
  if (outcome.success) return outcome.data;
  throw fault("http.invalid_input", { issues: issuesOf(outcome.error) });
}

/** Paths and reasons, without the offending values: they may be secrets. */
export function issuesOf(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
}

async function recordRefusal(app: App, caller: Caller, verbName: string, refusal: Fault): Promise<void> {
  await app.db.withTx((tx) =>
    record(tx, { ...caller, clock: app.clock, ids: app.ids }, [
      {
        action: "authorization.refused",
        outcome: "refused",
        targetType: "verb",
        targetId: verbName,
        reason: refusal.code,
        after: refusal.details,
      },
    ]),
  );
}
