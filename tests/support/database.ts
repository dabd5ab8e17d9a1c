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

/** A fresh, migrated database of the kind that the test project runs on. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const serverUrl = inject("serverUrl");
  const imageFile = inject("imageFile");
  if (imageFile !== null) {
    const db = await openEmbedded("memory", new Blob([readFileSync(imageFile)]));
    return { db, url: null, close: () => db.close() };
  }
  if (serverUrl === null) throw new Error("the test project provides no database");
  return openOnServer(serverUrl);
}

/** A database of its own on the server, copied from the migrated template. */
async function openOnServer(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdministrator(serverUrl, `CREATE DATABASE ${name} TEMPLATE template_yunheng`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const db = await openServer({ url: url.href, connectionsMax: 8 });
  return {
    db,
    url: url.href,
    async close() {
      await db.close();
      await asAdministrator(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function asAdministrator(serverUrl: string, statement: string): Promise<void> {
  const client = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end();
  }
}
