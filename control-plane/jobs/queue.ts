import { setTimeout as pause } from "node:timers/promises";
import PgBoss from "pg-boss";
import type { Logger } from "pino";
import { type Database, executeSqlIn, type Tx } from "../db/tx.ts";
import { type JobEnd, startDispatch } from "./dispatch.ts";

/** A job says which thing to look at, never what to do with it: twice equals once. */
export const JOB_KINDS = ["tenancy.reconcile"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export interface Queue {
  /** Enqueues inside the caller's transaction; a job for the same key that still waits is enough. */
  enqueue(tx: Tx, kind: JobKind, ...keys: readonly string[]): Promise<void>;
  /** The same, unless a job for the key waits, is to be repeated, or has just begun: a reminder must not multiply what fails. */
  wake(tx: Tx, kind: JobKind, key: string): Promise<void>;
  /** Takes away what was set aside for the key: it has succeeded since, or is tried again. */
  forget(tx: Tx, key: string): Promise<void>;
}

/** `last` is true when a failure now would set the job aside. */
export type JobHandler = (key: string, attempt: { readonly last: boolean }) => Promise<JobEnd>;

export interface JobQueue extends Queue {
  /**
   * Runs a handler for each job, so many at the same time; one that throws is repeated with growing delay, then set
   * aside, and one that says when it wants to come again has not failed.
   */
  work(kind: JobKind, slots: number, handle: JobHandler): void;
  stop(): Promise<void>;
}

const RETRIES = 8;

/** A job whose worker was killed is given to another one after this long. */
const JOB_SECONDS_MAX = 60;

/** A job under way for so long may belong to a worker that was killed: a second one does no harm and need not wait. */
const PERHAPS_DEAD_SECONDS = 20;

const LOOK_EVERY_MS = 500;

/** What is under way at the end gets this long. */
const STOP_MS_MAX = 10_000;

/** Where jobs lie that failed too often; the schema of pg-boss is `jobs`. */
export const DEAD_LETTERS = "dead-letters";

interface QueueOptions {
  readonly db: Database;
  readonly databaseUrl: string | undefined;
  readonly log: Logger;
  /** Only a worker supervises: moves expired jobs and archives. */
  readonly supervise: boolean;
}

/** Opens pg-boss: over its own driver on a server database, through our one connection on the embedded one. */
export async function openQueue({ db, databaseUrl, log, supervise }: QueueOptions): Promise<JobQueue> {
  const boss = new PgBoss({
    ...(databaseUrl === undefined
      ? { db: { executeSql: (text: string, values: unknown[]) => db.executeSql(text, values ?? []) } }
      : { connectionString: databaseUrl, max: 4, application_name: "yunheng-jobs" }),
    schema: "jobs",
    supervise,
    schedule: false,
    maintenanceIntervalSeconds: 15,
    archiveCompletedAfterSeconds: 3600,
    deleteAfterDays: 7,
  });
  boss.on("error", (error) => log.warn({ err: error }, "job queue"));
  await boss.start();
  await boss.createQueue(DEAD_LETTERS);
  for (const kind of JOB_KINDS) {
    await boss.createQueue(kind, {
      name: kind,
      policy: "short",
      retryLimit: RETRIES,
      retryDelay: 1,
      retryBackoff: true,
      expireInSeconds: JOB_SECONDS_MAX,
      deadLetter: DEAD_LETTERS,
    });
  }
  if (databaseUrl === undefined && supervise) await resumeInterrupted(db);
  let stopped = false;
  const works: (() => Promise<void>)[] = [];
  const enqueue: Queue["enqueue"] = async (tx, kind, ...keys) => {
    if (keys.length === 0) return;
    const jobs = keys.map((key) => ({ name: kind, data: { key, kind }, singletonKey: key }));
    await boss.insert(jobs, { db: { executeSql: executeSqlIn(tx) } });
  };
  return {
    enqueue,
    async wake(tx, kind, key) {
      const { rows } = await executeSqlIn(tx)(
        `SELECT 1 FROM jobs.job WHERE name = $1 AND singleton_key = $2 AND (state < 'active'
            OR state = 'active' AND started_on > now() - interval '${PERHAPS_DEAD_SECONDS} seconds') LIMIT 1`,
        [kind, key],
      );
      if (rows.length === 0) await enqueue(tx, kind, key);
    },
    async forget(tx, key) {
      await executeSqlIn(tx)(
        "DELETE FROM jobs.job WHERE name = $1 AND state = 'created' AND data->>'key' = $2",
        [DEAD_LETTERS, key],
      );
    },
    work(kind, slots, handle) {
      const stopWork = startDispatch({
        slots,
        everyMs: LOOK_EVERY_MS,
        log,
        take: async (count) => {
          const jobs = await boss.fetch<{ key: string }>(kind, { batchSize: count, includeMetadata: true });
          return jobs.map(({ id, data, retryCount }) => ({ id, key: data.key, last: retryCount >= RETRIES }));
        },
        handle: ({ key, last }) => handle(key, { last }),
        done: ({ id }) => boss.complete(kind, id),
        async later({ id, key }, { afterSeconds: startAfter }) {
          // First the new one: a crash in between leaves one too many, which does no harm.
          await boss.send(kind, { key, kind }, { singletonKey: key, startAfter });
          await boss.complete(kind, id);
        },
        failed: ({ id }, error) => boss.fail(kind, id, { message: String(error) }),
      });
      works.push(stopWork);
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await Promise.race([
        Promise.all(works.map((stopWork) => stopWork())),
        pause(STOP_MS_MAX, undefined, { ref: false }),
      ]);
      await boss.stop({ graceful: true, wait: true, timeout: STOP_MS_MAX });
    },
  };
}

/** The embedded database has one process: what was active when it is opened was cut off when that process was killed. */
async function resumeInterrupted(db: Database): Promise<void> {
  await db.executeSql("UPDATE jobs.job SET state = 'retry', start_after = now() WHERE state = 'active'", []);
}
