import postgres from "postgres";
import type { Lab } from "../bench.ts";
import { rounded } from "../clients.ts";
import { answersTo, serve } from "./served.ts";

const CLIENTS = 64;
const BODIES = 400;

/**
 * Dry runs over HTTP: servers, database and clients are processes of their own on one machine, the province is that of
 * `deploy/`. The baseline is one client alone, who waits for every answer: nothing of it is shared with another.
 */
export async function dryRuns(lab: Lab, replicas: number): Promise<void> {
  const url = await lab.newDatabase();
  const served = await serve(url, replicas);
  try {
    const orders = {
      urls: served.urls,
      path: "/api/v1/tenancy-requests/dry-run",
      token: served.token,
      bodies: bodiesFor(await departments(url)),
      seconds: lab.quick ? 3 : 8,
      warmUpSeconds: lab.quick ? 0 : 4,
    };
    const alone = await answersTo(served, { ...orders, clients: 1 }, 200);
    const many = await answersTo(served, { ...orders, clients: CLIENTS }, 200);
    const { perSecond: value, p50Ms, p99Ms } = many;
    // On a machine that is busy with other things a short run may have no answer at all.
    const ratio = alone.perSecond === 0 ? null : rounded(value / alone.perSecond);
    const details = {
      baseline: "one client",
      baselineP50Ms: alone.p50Ms,
      baselineP99Ms: alone.p99Ms,
      serveCpuMs: many.serveCpuMs,
    };
    const figure = { case: `dry run, ${replicas} serving`, clients: CLIENTS, unit: "requests/s" };
    lab.print({ ...figure, value, baseline: alone.perSecond, ratio, p50Ms, p99Ms, details });
  } finally {
    await served.stop();
  }
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
