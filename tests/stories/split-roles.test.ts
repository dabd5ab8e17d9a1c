import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { YunhengProcess } from "../support/process.ts";
import { type ServerDatabase, startServerDatabase } from "../support/server-database.ts";
import { SMALL_REQUEST } from "./sample-request.ts";

const SIMULATOR_TOKEN = "token-of-the-simulated-clouds";
const POLICIES = fileURLToPath(new URL("../../policies", import.meta.url));

let server: ServerDatabase;
const processes: YunhengProcess[] = [];

beforeAll(async () => {
  server = await startServerDatabase();
});
afterAll(async () => {
  for (const one of processes) await one.dispose();
  await server.stop();
});

function newProcess(environment: Record<string, string>): YunhengProcess {
  const made = new YunhengProcess(environment);
  processes.push(made);
  return made;
}

test("init, serve, work and simulate as processes of their own do the same job together", async () => {
  const simulator = newProcess({ SIMULATOR_TOKEN });
  await simulator.startUntil(/emulated clouds (http:\S+)/, ["simulate"]);
  const shared = { DATABASE_URL: server.url, SIMULATOR_URL: simulator.url, SIMULATOR_TOKEN };
  const api = newProcess({ ...shared, PORT: "0" });
  const init = await api.command("init");
  expect(init).toMatchObject({
    code: 0,
    output: expect.stringContaining("administrator token (shown once)"),
  });
  expect((await api.command("init")).output).not.toContain("shown once");
  await api.start("serve");
  const worker = newProcess({ ...shared, AUDIT_KEY_FILE: join(api.dataDir, "audit-signing-key.pem") });
  await worker.startUntil(/background work has started/, ["work"]);

  const member = await api.tokenFor("member", "department_member", { kind: "organization", id: "gd-hrss" });
  const answer = await api.call(member, "POST", "/tenancy-requests", SMALL_REQUEST);
  expect(answer.status).toBe(202);
  await api.until(
    () => api.call(member, "GET", `/tenancies/${answer.body.tenancyId}`),
    ({ body }) => body.status === "trial",
    60,
  );
  const verified = await api.command("audit", "verify");
  expect(verified).toMatchObject({ code: 0, output: expect.stringContaining("intact") });
  expect(await worker.end("SIGTERM")).toBe(0);
  expect(await api.end("SIGTERM")).toBe(0);
  expect(await simulator.end("SIGTERM")).toBe(0);
});

test("a broken policy stops the start with file, line and reason", async () => {
  const packs = mkdtempSync(join(tmpdir(), "yunheng-policies-"));
  cpSync(POLICIES, packs, { recursive: true });
  const file = join(packs, "core", "mlps-floor", "policy.yaml");
  writeFileSync(file, "apiVersion: yunheng/v1\nkind: SecurityBaseline\nmetadata: { id: mlps-floor\n");
  const broken = newProcess({ POLICY_DIR: packs });
  const { code, output } = await broken.command("all", "--port", "0");
  expect(code).toBe(1);
  expect(output).toMatch(/mlps-floor\/policy\.yaml:\d+:\d+: \S/);
  expect(output).not.toContain("at ");
  rmSync(packs, { recursive: true, force: true });
});

test("a wrong configuration names every violation at once", async () => {
  const wrong = newProcess({ PORT: "eighty", DATABASE_URL: "mysql://x", AUDIT_HASH: "md5" });
  const { code, output } = await wrong.command("all");
  expect(code).toBe(1);
  for (const name of ["PORT", "DATABASE_URL", "AUDIT_HASH"]) expect(output).toContain(name);
});
