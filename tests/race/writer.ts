import { pino } from "pino";
import { readConfig } from "../../control-plane/config.ts";
import type { App } from "../../control-plane/context.ts";
import { sqlStateOf } from "../../control-plane/db/errors.ts";
import { openServer } from "../../control-plane/db/open.ts";
import type { Database } from "../../control-plane/db/tx.ts";
import { systemClock } from "../../control-plane/kernel/clock.ts";
import { isFault } from "../../control-plane/kernel/fault.ts";
import { systemIds } from "../../control-plane/kernel/ids.ts";
import { fixedPolicies } from "../../control-plane/policy/policies.ts";
import { policySetOf } from "../../control-plane/policy/policy-set.ts";
import { IDLE_QUEUE } from "./idle-queue.ts";
import { type Message, OPERATIONS, type Operation, type WriterTask } from "./message.ts";
import { LEDGER_OPERATIONS, pick, type Racer, racerOf } from "./operations.ts";
import { openWithoutLocks } from "./unlocked.ts";

/** A process that writes until it is told to stop, or killed. */

/** How often each is done, of about sixty times. */
const WEIGHTS: Readonly<Record<Operation, number>> = {
  hold: 18,
  commit: 16,
  close: 8,
  release: 5,
  grow: 5,
  shrink: 3,
  submit: 4,
  expire: 2,
};
const MIX = OPERATIONS.flatMap((operation) => Array<Operation>(WEIGHTS[operation]).fill(operation));
const MIX_WITHOUT_SUBMISSIONS = MIX.filter((operation) => operation !== "submit");

/** The database is away or busy, or the machine is: nothing was decided, and a client would come back. */
const NOTHING_DONE = ["database.unavailable", "database.busy", "decision.timeout"];

const send = (message: Message) => process.send?.(message);

let stopping = false;
process.on("message", (message) => {
  if (message === "stop") stopping = true;
  else work(message as WriterTask).catch((error: unknown) => fail("hold", error));
});
// Without its parent a writer has nothing to do.
process.on("disconnect", () => process.exit(0));

async function work(task: WriterTask): Promise<void> {
  const db = counting(
    task.omit === "locks"
      ? openWithoutLocks(task.url, task.connections)
      : await openServer({ url: task.url, connectionsMax: task.connections }),
  );
  const app: App = {
    config: readConfig({ LOG_LEVEL: "silent" }, {}),
    db,
    clock: systemClock,
    ids: systemIds,
    log: pino({ level: "silent" }),
    queue: IDLE_QUEUE,
    policies: fixedPolicies(policySetOf([])),
  };
  const { accountId } = task.actor;
  if (accountId === null) throw new Error("the actor has an account");
  const racer = racerOf(app, accountId);
  await Promise.all(Array.from({ length: task.connections }, () => loop(racer, task)));
  await db.close();
  process.disconnect();
}

async function loop(racer: Racer, task: WriterTask): Promise<void> {
  while (!stopping) {
    let operation = pick(task.submits ? MIX : MIX_WITHOUT_SUBMISSIONS);
    try {
      let end = await once(racer, task, operation);
      // Where there is nothing to commit or to change, something is made.
      if (end.ending === "none") {
        operation = "hold";
        end = await once(racer, task, operation);
      }
      send({ kind: "ended", operation, ...end });
    } catch (error) {
      const code = isFault(error) ? error.code : undefined;
      if (code === undefined || !NOTHING_DONE.includes(code)) fail(operation, error);
      else send({ kind: "failed", operation, code });
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

async function once(racer: Racer, { actor, omit, keys }: WriterTask, operation: Operation) {
  const { app, accountId } = racer;
  if (operation !== "submit") return { ending: await LEDGER_OPERATIONS[operation](racer) };
  const caller = { actor: { ...actor, accountId }, requestId: "race", sourceAddress: null };
  // Loads half of the program, which a writer that does not submit comes to life without.
  const { submit } = await import("./submission.ts");
  return submit(app, caller, someKey(keys), omit !== "keys");
}

/** Half the time a key that everybody uses just now, otherwise one that may have been used long ago. */
function someKey(keys: number): string {
  const now = Math.floor(Date.now() / 500);
  return `key-${Math.random() < 0.5 ? now % keys : Math.floor(Math.random() * keys)}`;
}

/** Tells of every attempt that the database gave up, also of those that `withTx` repeats by itself. */
function counting(db: Database): Database {
  return {
    ...db,
    withTx: (run) =>
      db.withTx(async (tx) => {
        try {
          return await run(tx);
        } catch (error) {
          const code = sqlStateOf(error);
          if (code === "40001" || code === "40P01") send({ kind: "failed", operation: "hold", code });
          throw error;
        }
      }),
  };
}

function fail(operation: Operation, error: unknown): void {
  const text = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
  send({ kind: "unexpected", operation, error: text.slice(0, 300) });
}
