import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import { migrate as migratePostgres } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { lockDirectory } from "./directory-lock.ts";
import { serverConnections } from "./server-connections.ts";
import { asHandle, type Database, database, type SqlRow } from "./tx.ts";

const MIGRATIONS = fileURLToPath(new URL("./migrations", import.meta.url));

/** One key for all replicas, so that two that start together do not migrate at once. */
const MIGRATION_LOCK = 7_260_611;

/** PostgreSQL's default of 128 MB of buffers would be a quarter of what the whole process may take. */
const EMBEDDED_PARAMETERS = [...PGlite.defaultStartParams, "-c", "shared_buffers=24MB"];

interface ServerOptions {
  readonly url: string;
  readonly connectionsMax: number;
  readonly statementTimeoutMs?: number;
}

/** A server database; connections are opened when they are needed and again after they broke. */
export async function openServer(options: ServerOptions): Promise<Database> {
  const connections = serverConnections(options.url, options.connectionsMax, {
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => undefined,
    connection: {
      application_name: "yunheng",
      statement_timeout: options.statementTimeoutMs ?? 15_000,
      lock_timeout: 10_000,
      idle_in_transaction_session_timeout: 30_000,
    },
  });
  return database(
    "postgres",
    { transaction: (run) => connections.using(({ handle }) => handle.transaction(run)) },
    async (text, values) => ({
      rows: await connections.using(({ client }) => client.unsafe<SqlRow[]>(text, values as never[])),
    }),
    () => connections.close(),
  );
}

/** The embedded database in a folder of its own, migrated; or in memory from an image, for tests. */
export async function openEmbedded(directory: string | "memory", image?: Blob): Promise<Database> {
  const release = directory === "memory" ? () => undefined : lockDirectory(directory);
  try {
    const client = await PGlite.create({
      startParams: EMBEDDED_PARAMETERS,
      ...(directory === "memory" ? {} : { dataDir: folderIn(directory) }),
      ...(image === undefined ? {} : { loadDataDir: image }),
    });
    const handle = drizzlePglite(client);
    if (image === undefined) await migratePglite(handle, { migrationsFolder: MIGRATIONS });
    return database(
      "pglite",
      asHandle(handle),
      async (text, values) => {
        // Several statements in one text go through the simple protocol, which takes no parameters.
        if (values.length > 0) return client.query<SqlRow>(text, values);
        const answers = await client.exec(text);
        return { rows: answers.flatMap((answer) => answer.rows as SqlRow[]) };
      },
      async () => {
        await client.close();
        release();
      },
    );
  } catch (error) {
    release();
    throw error;
  }
}

export async function migrateServer(url: string): Promise<void> {
  const client = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    const handle = drizzlePostgres(client);
    await handle.execute(sql`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await migratePostgres(handle, { migrationsFolder: MIGRATIONS });
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** The server's database is not as this program needs it. */
export class NotMigrated extends Error {}

/** Throws `NotMigrated` where a migration of this program is missing; what a newer program has added is left to it. */
export async function requireMigrated(database: Database): Promise<void> {
  const newest = Math.max(
    ...readMigrationFiles({ migrationsFolder: MIGRATIONS }).map((one) => one.folderMillis),
  );
  const there = await database.executeSql("SELECT to_regclass('drizzle.__drizzle_migrations') AS name", []);
  const applied =
    there.rows[0]?.name == null
      ? { rows: [] }
      : await database.executeSql("SELECT max(created_at) AS newest FROM drizzle.__drizzle_migrations", []);
  if (Number(applied.rows[0]?.newest ?? 0) >= newest) return;
  throw new NotMigrated(
    "数据库结构未升级，请先运行 yunheng migrate 或 yunheng init / The database is not migrated: run yunheng migrate or yunheng init first",
  );
}

/** A migrated database as an image that tests load in a fraction of the time. */
export async function embeddedImage(): Promise<Blob> {
  const client = await PGlite.create();
  await migratePglite(drizzlePglite(client), { migrationsFolder: MIGRATIONS });
  const image = await client.dumpDataDir("none");
  await client.close();
  return image;
}

function folderIn(directory: string): string {
  const folder = join(directory, "database");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
