import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { openServer } from "../../control-plane/db/open.ts";
import { systemClock } from "../../control-plane/kernel/clock.ts";
import type { ServerDatabase } from "../support/server-database.ts";
import { type Compiled, compiled } from "./compiled.ts";
import { judge } from "./judge.ts";
import type { Message, Omission, WriterTask } from "./message.ts";
import { raceProvince } from "./province.ts";
import { Tally } from "./tally.ts";

export interface RacePlan {
  readonly writers: number;
  readonly connections: number;
  readonly operations: number;
  /** Writers ended by SIGKILL, spread over the whole race; each is replaced at once. */
  readonly kills: number;
  /** Immediate stops of the database, as if its machine had failed. */
  readonly restarts: number;
  readonly omit: Omission;
}

export interface RaceReport {
  readonly plan: RacePlan;
  readonly seconds: number;
  readonly kills: number;
  readonly restarts: number;
  readonly tally: ReturnType<Tally["toJSON"]>;
  readonly wrong: readonly string[];
}

const WRITER = fileURLToPath(new URL("./writer.ts", import.meta.url));

/** Lets writers race on a database of its own, kills them and the database in between, and judges what is left. */
export async function race(server: ServerDatabase, plan: RacePlan): Promise<RaceReport> {
  const began = performance.now();
  const url = await newDatabase(server.url);
  const db = await openServer({ url, connectionsMax: 2, statementTimeoutMs: 60_000 });
  const actor = await db.withTx(raceProvince);
  const keys = Math.max(10, Math.round(plan.operations / 60));
  const { connections, omit } = plan;
  const task = { url, connections, omit, actor, keys };
  const tally = new Tally();
  const program = compiled(WRITER);
  const field = new Field(program, task, tally);
  for (let writer = 0; writer < plan.writers; writer += 1) field.start();

  let kills = 0;
  let restarts = 0;
  const share = (done: number, of: number) => ((done + 1) * plan.operations) / (of + 1);
  while (tally.ended < plan.operations && tally.unexpected.length === 0) {
    await new Promise((done) => setTimeout(done, 20));
    if (kills < plan.kills && tally.ended >= share(kills, plan.kills)) {
      await field.kill();
      kills += 1;
    }
    if (restarts < plan.restarts && tally.ended >= share(restarts, plan.restarts)) {
      await server.crash();
      restarts += 1;
      await server.resume();
    }
  }
  await field.stop();
  program.remove();
  await connectionsGone(url);
  const wrong = await judge(db, systemClock.now(), tally);
  await db.close();
  const seconds = (performance.now() - began) / 1000;
  return { plan, seconds, kills, restarts, tally: tally.toJSON(), wrong };
}

/** The writers that run now. */
class Field {
  readonly #program: Compiled;
  readonly #task: Omit<WriterTask, "submits">;
  #started = 0;
  readonly #tally: Tally;
  readonly #running = new Set<ChildProcess>();

  constructor(program: Compiled, task: Omit<WriterTask, "submits">, tally: Tally) {
    this.#program = program;
    this.#task = task;
    this.#tally = tally;
  }

  start(): void {
    const child = fork(this.#program.file, [], {
      execArgv: [],
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    this.#running.add(child);
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.on("message", (message) => this.#tally.hear(message as Message));
    child.once("close", (code) => {
      this.#running.delete(child);
      if (code !== 0 && code !== null) this.#tally.unexpected.push(`a writer ended: ${complaint}`);
    });
    // Every other one submits; it takes twice as long to come to life.
    const task: WriterTask = { ...this.#task, submits: this.#started % 2 === 0 };
    this.#started += 1;
    child.send(task);
  }

  /** Ends the writer that has run longest, so that every one of them gets to write before it dies. */
  async kill(): Promise<void> {
    const [oldest] = this.#running;
    if (oldest === undefined) return;
    const exited = new Promise((done) => oldest.once("close", done));
    oldest.kill("SIGKILL");
    await exited;
    this.start();
  }

  async stop(): Promise<void> {
    const exits = [...this.#running].map((child) => new Promise((done) => child.once("close", done)));
    for (const child of this.#running) if (child.connected) child.send("stop");
    const tooLong = setTimeout(() => {
      for (const child of this.#running) child.kill("SIGKILL");
    }, 20_000);
    await Promise.all(exits);
    clearTimeout(tooLong);
  }
}

async function newDatabase(serverUrl: string): Promise<string> {
  const name = `race_${randomBytes(6).toString("hex")}`;
  const client = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  await client.unsafe(`CREATE DATABASE ${name} TEMPLATE template_yunheng`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** The server notices a killed client only when its statement ends. */
async function connectionsGone(url: string): Promise<void> {
  const client = postgres(url, { max: 1 });
  const busy = async () => {
    const [row] = await client`
      SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
         AND pid <> pg_backend_pid()`;
    return Number(row?.n) > 0;
  };
  while (await busy()) await new Promise((done) => setTimeout(done, 50));
  await client.end();
}
