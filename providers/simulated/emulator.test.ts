import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Emulation, startEmulation } from "../emulation/server.ts";
import { type SimulatedOptions, simulatedKind } from "./emulator.ts";

const TOKEN = "t0ken";
const POOLS = [{ name: "ext", total: { VCPU: 100, MEMORY_GIB: 100, BLOCK_STORAGE_GIB: 100 } }];

let folder: string;
let running: Emulation[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "simulated-"));
  running = [];
});
afterEach(async () => {
  for (const server of running) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(overrides: Partial<SimulatedOptions> = {}, port = 0): Promise<Emulation> {
  const kind = simulatedKind({
    token: TOKEN,
    dataDir: null,
    clock: { now: () => new Date("2026-07-01T00:00:00Z") },
    clouds: [{ id: "gd-01", pools: POOLS }],
    ...overrides,
  });
  const server = await startEmulation({ port, host: "127.0.0.1", token: TOKEN, kinds: [kind] });
  running.push(server);
  return server;
}

function send(url: string, method = "GET", body?: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

async function codeOf(response: Response): Promise<string> {
  const body: unknown = await response.json();
  expect(body).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
  return JSON.stringify(body).replace(/.*"code":"([^"]*)".*/, "$1");
}

describe("entry", () => {
  test.each([
    ["GET", "/simulated/gd-01/v1/version"],
    ["POST", "/simulated/gd-01/v1/tenancies"],
    ["GET", "/simulated/no-such-cloud/v1/version"],
    ["GET", "/admin/simulated"],
    ["PUT", "/admin/simulated/gd-02"],
    ["POST", "/admin/simulated/gd-01/faults"],
    ["GET", "/no-such-route"],
  ])("%s %s needs the token", async (method, path) => {
    const { url } = await start();
    for (const authorization of ["", "Bearer wrong", `Basic ${TOKEN}`, TOKEN]) {
      const response = await send(url + path, method, undefined, { authorization });
      expect(response.status).toBe(401);
    }
  });

  test("only the health check is open", async () => {
    const { url } = await start();
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test("bad input has its own code and is never a 500", async () => {
    const { url } = await start();
    const tenancies = `${url}/simulated/gd-01/v1/tenancies`;
    const unknown = await send(`${url}/simulated/gd-09/v1/version`);
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, "unknown_cloud"]);
    const malformed = await send(tenancies, "POST", "{");
    expect([malformed.status, await codeOf(malformed)]).toEqual([400, "malformed"]);
    const invalid = await send(tenancies, "POST", { name: "UPPER" }, { "client-token": "t" });
    expect([invalid.status, await codeOf(invalid)]).toEqual([422, "invalid"]);
    const limit = await send(`${tenancies}?limit=-1`);
    expect([limit.status, await codeOf(limit)]).toEqual([400, "bad_limit"]);
    const fault = await send(`${url}/admin/simulated/gd-01/faults`, "POST", { fault: { kind: "rain" } });
    expect([fault.status, await codeOf(fault)]).toEqual([422, "invalid"]);
    const name = await send(`${url}/admin/simulated/UPPER`, "PUT", { pools: [] });
    expect([name.status, await codeOf(name)]).toEqual([422, "invalid"]);
  });

  test("a taken port is refused", async () => {
    const { url } = await start();
    await expect(start({}, Number(new URL(url).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("clouds", () => {
  test("are declared while the server runs, and do not see each other", async () => {
    const { url } = await start();
    const pools = [{ name: "int", total: { VCPU: 5 } }];
    expect((await send(`${url}/admin/simulated/gd-02`, "PUT", { pools })).status).toBe(201);
    expect((await send(`${url}/admin/simulated/gd-02`, "PUT", { pools })).status).toBe(200);
    await send(`${url}/admin/simulated/gd-02/tenancies`, "POST", { name: "t-1", pool: "int" });
    expect((await send(`${url}/simulated/gd-02/v1/tenancies/t-1`)).status).toBe(200);
    expect((await send(`${url}/simulated/gd-01/v1/tenancies/t-1`)).status).toBe(404);
  });

  test("a fault hits what it matches, as often as it says", async () => {
    const { url } = await start();
    const rule = {
      fault: { kind: "status", status: 503 },
      match: { method: "GET", pathPrefix: "/pools" },
      count: 2,
    };
    await send(`${url}/admin/simulated/gd-01/faults`, "POST", rule);
    const statuses: number[] = [];
    for (const path of ["version", "pools", "pools", "pools"]) {
      statuses.push((await send(`${url}/simulated/gd-01/v1/${path}`)).status);
    }
    expect(statuses).toEqual([200, 503, 503, 200]);
  });

  test("a hanging call does not keep the server from closing", async () => {
    const { url, close } = await start();
    await send(`${url}/admin/simulated/gd-01/faults`, "POST", { fault: { kind: "hang" } });
    const hanging = send(`${url}/simulated/gd-01/v1/version`).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running = [];
    await close();
    expect(await hanging).toBeInstanceOf(TypeError);
  });

  test("the same seed and calls give the same refs", async () => {
    const make = async () => {
      const { url } = await start({ seed: "same" });
      const body = { name: "t-1", pool: "ext" };
      return (await send(`${url}/admin/simulated/gd-01/tenancies`, "POST", body)).json();
    };
    expect(await make()).toEqual(await make());
  });
});

const room = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
const PROGRAM = `
  const { startEmulation } = await import(${room("../emulation/server.ts")});
  const { simulatedKind } = await import(${room("./emulator.ts")});
  const clock = { now: () => new Date() };
  const clouds = [{ id: "gd-01", pools: ${JSON.stringify(POOLS)} }];
  const kind = simulatedKind({ token: "${TOKEN}", dataDir: process.env.FOLDER, clock, clouds });
  const { url } = await startEmulation({ port: 0, host: "127.0.0.1", token: "${TOKEN}", kinds: [kind] });
  console.log(url);
`;

test("kill -9 in the middle of writing loses no acknowledged call", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", PROGRAM], {
    env: { ...process.env, FOLDER: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = await once(createInterface(child.stdout), "line");
  const acknowledged: string[] = [];
  const writer = async (worker: number) => {
    for (let made = 0; ; made += 1) {
      const name = `t-${worker}-${made}`;
      const response = await send(`${url}/admin/simulated/gd-01/tenancies`, "POST", { name, pool: "ext" });
      if (response.status === 201) acknowledged.push(name);
      if (acknowledged.length === 100) child.kill("SIGKILL");
    }
  };
  await Promise.allSettled([0, 1, 2, 3].map(writer));
  const again = await start({ dataDir: folder, clouds: [] });
  const found: string[] = [];
  for (const name of acknowledged) {
    if ((await send(`${again.url}/simulated/gd-01/v1/tenancies/${name}`)).ok) found.push(name);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(100);
  expect(found).toEqual(acknowledged);
});
