import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import postgres from "postgres";
import { YunhengProcess } from "../../support/process.ts";
import type { Lab } from "../bench.ts";
import { rounded } from "../clients.ts";
import type { Orders } from "./clients-process.ts";

const CLIENTS = 64;
const BODIES = 400;
const CLIENTS_PROCESS = fileURLToPath(new URL("./clients-process.ts", import.meta.url));

interface Answers {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
}

/**
 * Dry runs over HTTP: server, database and clients are three processes on one machine, the province is that of
 * `deploy/`. The baseline is one client alone, who waits for every answer: nothing of it is shared with another.
 */
export async function dryRuns(lab: Lab): Promise<void> {
  const url = await lab.newDatabase();
  const server = new YunhengProcess({ DATABASE_URL: url, RATE_LIMIT_PER_MINUTE: "1000000" });
  try {
    await expectSuccess(server.command("init"));
    const issued = await expectSuccess(
      server.command("token", "issue", "bench", "--role", "department_member"),
    );
    await server.start("serve", "--port", "0");
    const orders = {
      url: server.url,
      path: "/api/v1/tenancy-requests/dry-run",
      tokens: [issued.trim().split("\n").at(-1) ?? ""],
      bodies: bodiesFor(await departments(url)),
      seconds: lab.quick ? 3 : 10,
      warmUpSeconds: lab.quick ? 0 : 5,
    };
    const alone = await answersTo({ ...orders, clients: 1 });
    const many = await answersTo({ ...orders, clients: CLIENTS });
    for (const { statuses } of [alone, many]) {
      if (Object.keys(statuses).join() !== "200") throw new Error(`answers were ${JSON.stringify(statuses)}`);
    }
    const { perSecond: value, p50Ms, p99Ms } = many;
    // On a machine that is busy with other things a short run may have no answer at all.
    const ratio = alone.perSecond === 0 ? null : rounded(value / alone.perSecond);
    const details = { baseline: "one client", baselineP50Ms: alone.p50Ms, baselineP99Ms: alone.p99Ms };
    const figure = { case: "dry run", clients: CLIENTS, unit: "requests/s", baseline: alone.perSecond };
    lab.print({ ...figure, value, ratio, p50Ms, p99Ms, details });
  } finally {
    await server.dispose();
  }
}

async function expectSuccess(running: Promise<{ code: number; output: string }>): Promise<string> {
  const { code, output } = await running;
  if (code !== 0) throw new Error(output);
  return output;
}

/** Departments with a quota somewhere; most of the requests fit, some do not fit anywhere. */
async function departments(url: string): Promise<string[]> {
  const client = postgres(url, { max: 1 });
  try {
    const rows =
      await client`SELECT DISTINCT organization_id AS id FROM quota_nodes WHERE kind = 'department' ORDER BY 1`;
    return rows.map(({ id }) => String(id));
  } finally {
    await client.end();
  }
}

function bodiesFor(organizations: readonly string[]): string[] {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  return Array.from({ length: BODIES }, (_, at) =>
    JSON.stringify({
      organizationId: organizations[at % organizations.length],
      system: {
        name: `试算系统${at}`,
        mlpsLevel: at % 3 === 0 ? 3 : 2,
        dataClass: "general",
        filingNo: "44000012345-00001",
      },
      projectApprovalNo: "粤数政务〔2026〕1号",
      environment: "production",
      network: { zones: ["extranet"], internetExposed: false },
      resources: { VCPU: at % 10 === 9 ? 5000 : 4 + (at % 40), MEMORY_GIB: 16, BLOCK_STORAGE_GIB: 200 },
      recovery: { class: "local", rtoMinutes: 60, rpoMinutes: 30 },
      capabilities: { reuse: ["unified-identity"] },
      term: { start: day(10), end: day(190) },
    }),
  );
}

async function answersTo(orders: Orders): Promise<Answers> {
  const folder = mkdtempSync(join(tmpdir(), "yunheng-bench-"));
  try {
    const file = join(folder, "orders.json");
    writeFileSync(file, JSON.stringify(orders));
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--import",
      "tsx",
      CLIENTS_PROCESS,
      file,
    ]);
    return JSON.parse(stdout) as Answers;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
