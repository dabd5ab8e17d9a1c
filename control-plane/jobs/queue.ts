import PgBoss from "pg-boss";
import type { Logger } from "pino";
import { type Database, executeSqlIn, type Tx } from "../db/tx.ts";

/** A job says which thing to look at, never what to do with it: twice equals once. */
export const JOB_KINDS = ["tenancy.reconcile"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export interface Queue {
  /** Enqueues inside the caller's transaction; a job for the same key that still waits is enough. */
  enqueue(tx: Tx, kind: JobKind, key: string): Promise<void>;
}

/** `last` is true when a failure now would set the job aside. */
export type JobHandler = (key: string, attempt: { readonly last: boolean }) => Promise<void>;

export interface JobQueue extends Queue {
  /** Runs a handler for each job; a handler that throws is repeated with growing delay, then set aside. */
  work(kind: JobKind, concurrency: number, handle: JobHandler): Promise<void>;
  stop(): Promise<void>;
}

const RETRIES = 8;
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
    maintenanceIntervalSeconds: 30,
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
      expireInSeconds: 120,
      deadLetter: DEAD_LETTERS,
    });
  }
  let stopped = false;
  return {
    async enqueue(tx, kind, key) {
      await boss.send(kind, { key, kind }, { singletonKey: key, db: { executeSql: executeSqlIn(tx) } });
    },
    async work(kind, concurrency, handle) {
      for (let worker = 0; worker < concurrency; worker += 1) {
        const options = { pollingIntervalSeconds: 0.5, batchSize: 1, includeMetadata: true } as const;
        await boss.work<{ key: string }>(kind, options, async (jobs) => {
          for (const job of jobs) await handle(job.data.key, { last: job.retryCount >= RETRIES });
        });
      }
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      await boss.stop({ graceful: true, wait: true, timeout: 10_000 });
    },
  };
}
