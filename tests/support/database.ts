import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import postgres from "postgres";
import { inject } from "vitest";
import { openEmbedded, openServer } from "../../control-plane/db/open.ts";
import type { Database } from "../../control-plane/db/tx.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A server with a migrated database named `template_yunheng`; absent in the project that runs embedded. */
    serverUrl: string | null;
    /** A migrated database as a file, for the project that runs embedded. */
    imageFile: string | null;
  }
}

export interface TestDatabase {
  readonly db: Database;
  /** Null on the embedded database. */
  readonly url: string | null;
  close(): Promise<void>;
}

/** Emptied databases that wait for the next test of this worker: opening one takes ten times as long as emptying it. */
const emptied: TestDatabase[] = [];

/** An empty, migrated database of the kind that the test project runs on. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const kept = emptied.pop() ?? (await openFreshDatabase());
  // What others remember of a database, they remember by its handle: the next test gets another one.
  const { db } = kept;
  const handle: Database = {
    ...db,
    get writes() {
      return db.writes;
    },
  };
  return {
    db: handle,
    url: kept.url,
    async close() {
      await db.executeSql(EMPTIED, []);
      emptied.push(kept);
    },
  };
}

/** For a test that damages the database: nobody else gets it. */
export async function openFreshDatabase(): Promise<TestDatabase> {
  const serverUrl = inject("serverUrl");
  const imageFile = inject("imageFile");
  if (imageFile !== null) {
    const db = await openEmbedded("memory", new Blob([readFileSync(imageFile)]));
    return { db, url: null, close: () => db.close() };
  }
  if (serverUrl === null) throw new Error("the test project provides no database");
  return openOnServer(serverUrl);
}

/** Rows of the tables, also of those that refuse it, numbers of the sequences, and what the job queue made for itself. */
const EMPTIED = `
  DO $$
  DECLARE one record;
  BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR one IN SELECT nspname FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname NOT IN ('public', 'drizzle', 'information_schema')
    LOOP
      EXECUTE format('DROP SCHEMA %I CASCADE', one.nspname);
    END LOOP;
    FOR one IN SELECT oid::regclass AS name, pg_relation_size(oid) AS bytes FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    LOOP
      IF one.bytes > 262144 THEN
        EXECUTE format('TRUNCATE %s CASCADE', one.name);
      ELSIF one.bytes > 0 THEN
        EXECUTE format('DELETE FROM %s', one.name);
      END IF;
    END LOOP;
    PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
  END $$`;

/** A database of its own on the server, copied from the migrated template. */
async function openOnServer(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdministrator(serverUrl, `CREATE DATABASE ${name} TEMPLATE template_yunheng`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = await openServer({ url: url.href, connectionsMax: 8 });
  return { db, url: url.href, close: () => db.close() };
}

async function asAdministrator(serverUrl: string, statement: string): Promise<void> {
  const client = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end();
  }
}
