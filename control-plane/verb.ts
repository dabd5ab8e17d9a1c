import type { z } from "zod";
import { type AuditEvent, record } from "./audit/record.ts";
import type { Permission } from "./authz/permissions.ts";
import { type Scope, scopeOf, widened } from "./authz/scope.ts";
import type { App, Caller, Ctx } from "./context.ts";
import type { Database, Tx } from "./db/tx.ts";
import { type EventDraft, publish } from "./events/publish.ts";
import {
  type CallersKey,
  claimKeys,
  type IdempotencyKey,
  keepResponses,
  keptResponse,
  keyFor,
  type StoredResponse,
} from "./http/idempotency.ts";
import { type Fault, fault, isFault } from "./kernel/fault.ts";
import { goTogether } from "./together.ts";

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
  /** Asks a cloud, between the transactions: nobody waits for the database while a cloud takes its time. */
  readonly reach?: (ctx: Ctx, input: Input, prepared: Prepared) => Promise<void>;
  readonly run: (tx: Tx, ctx: Ctx, input: Input, prepared: Prepared) => Promise<Outcome<Result>>;
  /** For what many do at the same moment: see `together.ts`. */
  readonly together?: Together<Input, Result, Prepared>;
  /** Of such an input not even a digest is kept, so that its calls are not matched by Idempotency-Key. */
  readonly secretInput?: boolean;
  /** What of the result may be kept for repeats of the call; everything, unless a secret is shown once. */
  readonly withoutSecrets?: (result: Result) => Result;
}

/** One caller's part of a change that many make in one transaction. */
export interface Call<Input, Prepared> {
  readonly ctx: Ctx;
  readonly input: Input;
  readonly prepared: Prepared;
}

export interface Together<Input, Result, Prepared> {
  /** Where false, the call has transactions of its own. */
  readonly takes: (input: Input) => boolean;
  /** As `prepare`; `attempt` is above 1 where others were quicker, so that nothing remembered will do. */
  readonly prepare: (db: Database, ctx: Ctx, input: Input, attempt: number) => Promise<Prepared>;
  /**
   * Does what all of them ask, as if they had come one after the other, and says of each how it ended. Writes nothing
   * for a call that it refuses, since the others are committed.
   */
  readonly run: (
    tx: Tx,
    calls: readonly Call<Input, Prepared>[],
  ) => Promise<readonly PromiseSettledResult<Omit<Outcome<Result>, "refusal">>[]>;
}

/** Others were quicker: what was prepared no longer holds, and has to be prepared again. */
export class Overtaken extends Error {}

export interface Query<Input, Result> extends VerbBase<Input> {
  readonly effect: "read";
  readonly answer: (db: Database, ctx: Ctx, input: Input) => Promise<Result>;
}

/** A query that reads in a transaction of its own. */
interface OwnQuery<Input, Result> extends VerbBase<Input> {
  readonly run: (tx: Tx, ctx: Ctx, input: Input) => Promise<Result>;
}

export type AnyVerb = Pick<VerbBase<unknown>, "name" | "permission"> & { readonly effect: "read" | "write" };

export function defineVerb<Input, Result, Prepared = undefined>(
  verb: Omit<Command<Input, Result, Prepared>, "effect">,
): Command<Input, Result, Prepared> {
  return { ...verb, effect: "write" };
}

export function defineQuery<Input, Result>({ run, ...query }: OwnQuery<Input, Result>): Query<Input, Result> {
  return {
    ...query,
    effect: "read",
    answer: (db, ctx, input) => db.read((tx) => run(tx, ctx, input)),
  };
}

/** A query of which several that come at the same moment are answered by one transaction. */
export function defineGatheredQuery<Input, Result>(
  query: Omit<Query<Input, Result>, "effect">,
): Query<Input, Result> {
  return { ...query, effect: "read" };
}

/** How one answer is made from a result, and the key under which it is kept for repeats. */
export interface Answering<Result> {
  readonly once?: CallersKey | null;
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
    return await query.answer(app.db, ctx, input);
  } catch (error) {
    // What is hidden from somebody and what does not exist look alike, to the log too.
    if (isFault(error, "auth.forbidden") || isFault(error, "http.not_found")) {
      await recordRefusal(app, caller, query.name, error);
    }
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
      return { status: 200, body: "null", headers: {} };
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

export interface Settled {
  readonly response: StoredResponse;
  readonly refusal?: Fault;
}

/** How often a change is prepared again because others were quicker. */
const ATTEMPTS_MAX = 3;

async function transact<Input, Result, Prepared>(
  app: App,
  ctx: Ctx,
  verb: Command<Input, Result, Prepared>,
  input: Input,
  answering: Answering<Result>,
): Promise<Settled> {
  const once = answering.once && verb.secretInput !== true ? keyFor(answering.once, input) : null;
  const { together } = verb;
  if (together?.takes(input)) return inCompany(app, verb.name, together, ctx, input, once, answering);
  const ready = await prepared(app, ctx, verb, input, once);
  if ("response" in ready) return ready;
  await verb.reach?.(ctx, input, ready.prepared);
  return alone(app, verb, { ctx, input, prepared: ready.prepared }, once, answering);
}

/** Prepared again where others were quicker. */
async function inCompany<Input, Result, Prepared>(
  app: App,
  name: string,
  together: Together<Input, Result, Prepared>,
  ctx: Ctx,
  input: Input,
  once: IdempotencyKey | null,
  { respond }: Answering<Result>,
): Promise<Settled> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const prepared = await together.prepare(app.db, ctx, input, attempt);
      return await goTogether(app, name, together, { ctx, input, prepared, once, respond });
    } catch (error) {
      // A repeat is answered as the first call was, also where it would be refused now.
      const response = once && isFault(error) ? await app.db.read((tx) => keptResponse(tx, once)) : null;
      if (response !== null) return { response };
      if (!(error instanceof Overtaken)) throw error;
      if (attempt === ATTEMPTS_MAX) throw fault("database.busy", { retryAfterSeconds: 1 }, { cause: error });
    }
  }
}

/** What the writing transaction begins with, or the answer that the key already has. */
async function prepared<Input, Result, Prepared>(
  app: App,
  ctx: Ctx,
  { prepare }: Command<Input, Result, Prepared>,
  input: Input,
  once: IdempotencyKey | null,
): Promise<{ prepared: Prepared } | Settled> {
  // A verb without `prepare` is declared with `undefined` for what it prepares.
  if (once === null && prepare === undefined) return { prepared: undefined as Prepared };
  return app.db.read(async (tx) => {
    const response = once ? await keptResponse(tx, once) : null;
    if (response !== null) return { response };
    return { prepared: prepare ? await prepare(tx, ctx, input) : (undefined as Prepared) };
  });
}

function alone<Input, Result, Prepared>(
  app: App,
  verb: Command<Input, Result, Prepared>,
  { ctx, input, prepared }: Call<Input, Prepared>,
  once: IdempotencyKey | null,
  answering: Answering<Result>,
): Promise<Settled> {
  return app.db.withTx(async (tx) => {
    const [kept] = once ? await claimKeys(tx, [once], ctx.clock.now()) : [];
    if (kept?.status === "rejected") throw kept.reason;
    if (kept?.value) return { response: kept.value };
    const outcome = await verb.run(tx, ctx, input, prepared);
    await record(tx, ctx, [outcome.audit].flat());
    await publish(tx, ctx, outcome.events ?? []);
    if (outcome.refusal !== undefined) return { response: NO_RESPONSE, refusal: outcome.refusal };
    const response = answering.respond(outcome.result);
    const { withoutSecrets } = verb;
    const repeat = withoutSecrets ? answering.respond(withoutSecrets(outcome.result)) : response;
    if (once) keepResponses(tx, [{ claim: once, response: repeat }]);
    return { response };
  });
}

const NO_RESPONSE: StoredResponse = { status: 409, body: "null", headers: {} };

function contextOf(app: App, caller: Caller, scope: Scope): Ctx {
  const { clock, ids, log, queue, policies, config, connect } = app;
  return { ...caller, scope, clock, ids, log, queue, policies, config, ...(connect ? { connect } : {}) };
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
  const { addressed } = caller;
  const [object = verbName] = verbName.split(".");
  const target =
    addressed === undefined
      ? { targetType: "verb", targetId: verbName }
      : { targetType: object === "request" ? "tenancy_request" : object, targetId: addressed };
  await app.db.withTx((tx) =>
    record(tx, { ...caller, clock: app.clock, ids: app.ids }, [
      {
        action: "authorization.refused",
        outcome: "refused",
        ...target,
        reason: refusal.code,
        after: { verb: verbName, ...refusal.details },
      },
    ]),
  );
}
