import { pino } from "pino";
import type { Config } from "../config.ts";
import type { App } from "../context.ts";
import { migrateServer, openEmbedded, openServer, requireMigrated } from "../db/open.ts";
import type { Database } from "../db/tx.ts";
import { type JobQueue, openQueue } from "../jobs/queue.ts";
import { systemClock } from "../kernel/clock.ts";
import { systemIds } from "../kernel/ids.ts";
import { loadPolicies } from "../policy/load.ts";
import { registeredPolicies } from "../policy/register/in-force.ts";
import { registerFiles } from "../policy/register/register-files.ts";

export interface OpenedApp {
  readonly app: App;
  readonly queue: JobQueue;
  /** Stops the queue first, if that has not been done. */
  close(): Promise<void>;
}

interface OpenOptions {
  /** Applies migrations to a server database first; the embedded one is always migrated. */
  readonly migrate: boolean;
  readonly supervise: boolean;
}

/** Everything a role or a command needs: policies first, since a broken one must stop the start. */
export async function openApp(config: Config, { migrate, supervise }: OpenOptions): Promise<OpenedApp> {
  const log = pino({
    level: config.LOG_LEVEL,
    redact: { paths: ["*.token", "*.authorization"], remove: true },
  });
  const files = await loadPolicies([config.POLICY_DIR]);
  const db = await openDatabase(config, migrate);
  try {
    const queue = await openQueue({ db, databaseUrl: config.DATABASE_URL, log, supervise });
    const policies = registeredPolicies();
    const app: App = { config, db, clock: systemClock, ids: systemIds, log, queue, policies };
    await registerFiles(app, files);
    return {
      app,
      queue,
      async close() {
        await queue.stop();
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function openDatabase(config: Config, migrate: boolean): Promise<Database> {
  if (config.DATABASE_URL === undefined) return openEmbedded(config.DATA_DIR);
  if (migrate) await migrateServer(config.DATABASE_URL);
  const db = await openServer({ url: config.DATABASE_URL, connectionsMax: config.DATABASE_POOL });
  try {
    if (!migrate) await requireMigrated(db);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
