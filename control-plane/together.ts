import { recordAll } from "./audit/record.ts";
import type { App } from "./context.ts";
import type { Database, Tx } from "./db/tx.ts";
import { publish } from "./events/publish.ts";
import {
  type Answered,
  claimKeys,
  forgetKeys,
  type IdempotencyKey,
  keepResponses,
  nameOf,
  type StoredResponse,
} from "./http/idempotency.ts";
import { isFault } from "./kernel/fault.ts";
import { type Lane, lane } from "./kernel/lane.ts";
import type { Call, Settled, Together } from "./verb.ts";

/**
 * Group commit: what many callers do at the same moment is one transaction, which locks, writes and reaches the disk
 * once for all of them. Each has its own answer, audit rows and idempotency key as if it had come alone.
 */
interface Member<Input, Result, Prepared> extends Call<Input, Prepared> {
  readonly once: IdempotencyKey | null;
  readonly respond: (result: Result) => StoredResponse;
}

export const GROUP_COMMIT = {
  /** More would wait longer for each other than the commit that they share takes. */
  itemsMax: 64,
  /** Some seconds of work; whoever comes then is told to come back later. */
  waitingMax: 2000,
  /** A second one would wait for rows that the first has locked, up to the root of the tree. */
  abreast: 1,
} as const;

/** A line for each verb; they end with the database that they write to. */
const lanes = new WeakMap<Database, Map<string, unknown>>();

export function goTogether<Input, Result, Prepared>(
  app: App,
  name: string,
  together: Together<Input, Result, Prepared>,
  member: Member<Input, Result, Prepared>,
): Promise<Settled> {
  const known = lanes.get(app.db) ?? new Map<string, unknown>();
  lanes.set(app.db, known);
  const line = laneIn<Input, Result, Prepared>(known, name) ?? newLane(app, together);
  known.set(name, line);
  return line.join(member);
}

/** Under the name of a verb stands its own lane: `goTogether` has put it there. */
function laneIn<Input, Result, Prepared>(
  known: ReadonlyMap<string, unknown>,
  name: string,
): Lane<Member<Input, Result, Prepared>, Settled> | undefined {
  return known.get(name) as Lane<Member<Input, Result, Prepared>, Settled> | undefined;
}

function newLane<Input, Result, Prepared>(app: App, together: Together<Input, Result, Prepared>) {
  return lane<Member<Input, Result, Prepared>, Settled>({
    ...GROUP_COMMIT,
    carryOut: (members) => app.db.withTx((tx) => carryOut(tx, app, together, members)),
    // A fault is what the database said of itself; anything else is somebody's row.
    isGeneral: (error) => isFault(error),
    nameOf: ({ once }) => once && nameOf(once.accountId, once.key),
  });
}

async function carryOut<Input, Result, Prepared>(
  tx: Tx,
  app: App,
  together: Together<Input, Result, Prepared>,
  members: readonly Member<Input, Result, Prepared>[],
): Promise<PromiseSettledResult<Settled>[]> {
  const answers = await keptAnswers(tx, app, members);
  const open = members.filter((member) => !answers.has(member));
  const outcomes = await together.run(tx, open);
  const responses: Answered[] = [];
  const refused: IdempotencyKey[] = [];
  open.forEach((member, index) => {
    const outcome = outcomes[index];
    if (outcome?.status !== "fulfilled") {
      answers.set(member, { status: "rejected", reason: outcome?.reason });
      if (member.once) refused.push(member.once);
      return;
    }
    const response = member.respond(outcome.value.result);
    answers.set(member, { status: "fulfilled", value: { response } });
    if (member.once) responses.push({ claim: member.once, response });
  });
  const done = open.flatMap((member, index) => {
    const outcome = outcomes[index];
    return outcome?.status === "fulfilled" ? [{ ctx: member.ctx, outcome: outcome.value }] : [];
  });
  recordAll(
    tx,
    done.map(({ ctx, outcome }) => ({ ctx, events: [outcome.audit].flat() })),
  );
  await publish(
    tx,
    app,
    done.flatMap(({ outcome }) => outcome.events ?? []),
  );
  keepResponses(tx, responses);
  forgetKeys(tx, refused);
  return members.map((member) => answers.get(member) ?? LEFT_OUT);
}

const LEFT_OUT = { status: "rejected", reason: new Error("a call was left out") } as const;

/** Claims the keys of all; who has an answer already, or has used the key for something else, is answered here. */
async function keptAnswers<Input, Result, Prepared>(
  tx: Tx,
  app: App,
  members: readonly Member<Input, Result, Prepared>[],
): Promise<Map<Member<Input, Result, Prepared>, PromiseSettledResult<Settled>>> {
  const keyed = members.flatMap((member) => (member.once ? [{ member, claim: member.once }] : []));
  const kept = await claimKeys(
    tx,
    keyed.map(({ claim }) => claim),
    app.clock.now(),
  );
  const answers = new Map<Member<Input, Result, Prepared>, PromiseSettledResult<Settled>>();
  keyed.forEach(({ member }, index) => {
    const one = kept[index];
    if (one?.status === "rejected") answers.set(member, one);
    else if (one?.value) answers.set(member, { status: "fulfilled", value: { response: one.value } });
  });
  return answers;
}
