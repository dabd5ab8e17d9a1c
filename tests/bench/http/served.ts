import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { YunhengProcess } from "../../support/process.ts";
import { rounded } from "../clients.ts";
import { cpuMs } from "../process-usage.ts";
import type { Orders } from "./clients-process.ts";

const CLIENTS_PROCESS = fileURLToPath(new URL("./clients-process.ts", import.meta.url));

export interface Served {
  /** One for each process. */
  readonly urls: readonly string[];
  readonly token: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** `yunheng serve` in so many processes over one database, with the province of the repository and its policies. */
export async function serve(
  databaseUrl: string,
  replicas: number,
  prepare: () => Promise<void> = async () => undefined,
): Promise<Served> {
  const environment = { DATABASE_URL: databaseUrl, RATE_LIMIT_PER_MINUTE: "1000000" };
  const servers = Array.from({ length: replicas }, () => new YunhengProcess(environment));
  const [first] = servers;
  if (first === undefined) throw new RangeError("at least one process serves");
  const stop = async () => {
    await Promise.all(servers.map((server) => server.dispose()));
  };
  try {
    await expectSuccess(first.command("init"));
    await prepare();
    const issued = await expectSuccess(
      first.command("token", "issue", "bench", "--role", "department_member"),
    );
    for (const server of servers) await server.start("serve", "--port", "0");
    const urls = servers.map(({ url }) => url);
    const pids = servers.map(({ pid }) => pid);
    return { urls, token: issued.trim().split("\n").at(-1) ?? "", pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function expectSuccess(running: Promise<{ code: number; output: string }>): Promise<string> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(output);
  return output;
}

export interface Answers {
  /** What the processes that serve used of the processor for each answer, those of the warm-up among them. */
  readonly serveCpuMs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Carries the orders out in a process of their own; throws where an answer has another status than expected. */
export async function answersTo({ pids }: Served, orders: Orders, expected: number): Promise<Answers> {
  const folder = mkdtempSync(join(tmpdir(), "yunheng-bench-"));
  try {
    const file = join(folder, "orders.json");
    writeFileSync(file, JSON.stringify(orders));
    const words = ["--import", "tsx", CLIENTS_PROCESS, file];
    const before = cpuMs(pids);
    const { stdout } = await promisify(execFile)(process.execPath, words);
    const used = cpuMs(pids) - before;
    const { statuses, ...answers } = JSON.parse(stdout) as Answers & { statuses: Record<string, number> };
    const others = Object.keys(statuses).filter((status) => status !== String(expected));
    if (others.length > 0) throw new Error(`answers were ${JSON.stringify(statuses)}`);
    const count = Object.values(statuses).reduce((sum, times) => sum + times, 0);
    return { ...answers, serveCpuMs: rounded(used / count) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
