import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Emulation, startEmulation } from "../emulation/server.ts";
import { kubernetesKind } from "./emulator.ts";

const TOKEN = "t0ken";
const POOLS = [{ name: "ext", architecture: "kunpeng", total: { VCPU: 600, MEMORY_GIB: 100 } }];

let folder: string;
let running: Emulation[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubernetes-"));
  running = [];
});
afterEach(async () => {
  for (const emulator of running) await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataDir: string | null = null, port = 0): Promise<string> {
  const kind = kubernetesKind({
    ...{ token: TOKEN, dataDir },
    delayMs: { min: 1, max: 2 },
    clock: { now: () => new Date() },
    clouds: [{ id: "gz", pools: POOLS }],
  });
  const emulator = await startEmulation({ port, host: "127.0.0.1", token: TOKEN, kinds: [kind] });
  running.push(emulator);
  return emulator.url;
}

async function send(url: string, method = "GET", body?: unknown, type = "application/json") {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

test("what was acknowledged is there after a restart, and a namespace that was leaving goes on leaving", async () => {
  const url = `${await start(folder)}/kubernetes/gz/api/v1/namespaces`;
  for (const name of ["stays", "leaves"]) await send(url, "POST", { metadata: { name } });
  await send(`${url}/leaves`, "DELETE");
  for (const emulator of running.splice(0)) await emulator.close();
  const again = `${await start(folder)}/kubernetes/gz/api/v1/namespaces`;
  expect((await send(`${again}/stays`)).status).toBe(200);
  await expect.poll(async () => (await send(`${again}/leaves`)).status).toBe(404);
});

test("a pool becomes nodes that add up to it, and is not declared twice", async () => {
  const url = await start();
  const nodes = async () => (await send(`${url}/kubernetes/gz/api/v1/nodes`)).body;
  const cpu = ({ items }: { items: { status: { allocatable: { cpu: string } } }[] }) =>
    items.reduce((sum, { status }) => sum + Number(status.allocatable.cpu), 0);
  const before = await nodes();
  expect(cpu(before)).toBe(600);
  expect((await send(`${url}/admin/kubernetes/gz`, "PUT", { pools: POOLS })).status).toBe(200);
  expect((await nodes()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
});

test("a watch tells of what comes and goes, for those it selects", async () => {
  const url = `${await start()}/kubernetes/gz/api/v1/namespaces`;
  const { body } = await send(`${url}?limit=1`);
  const query = `watch=1&timeoutSeconds=1&labelSelector=a%3D1&resourceVersion=${body.metadata.resourceVersion}`;
  const watching = fetch(`${url}?${query}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  await send(url, "POST", { metadata: { name: "one", labels: { a: "1" } } });
  await send(url, "POST", { metadata: { name: "two", labels: { a: "2" } } });
  const patch = { metadata: { labels: { a: "2" } } };
  await send(`${url}/one`, "PATCH", patch, "application/merge-patch+json");
  const lines = (await (await watching).text()).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  expect(events.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
    "ADDED one",
    "DELETED one",
  ]);
});

test("a page over a history that was forgotten is refused, with a way to go on", async () => {
  const emulator = await start();
  const url = `${emulator}/kubernetes/gz/api/v1/namespaces`;
  const { body } = await send(`${url}?limit=1`);
  await send(url, "POST", { metadata: { name: "late" } });
  const next = `${url}?limit=10&continue=${body.metadata.continue}`;
  const names = ({ items }: { items: { metadata: { name: string } }[] }) =>
    items.map((item) => item.metadata.name);
  expect(names((await send(next)).body)).not.toContain("late");
  await send(`${emulator}/admin/kubernetes/gz/history`, "DELETE");
  const refused = await send(next);
  expect(refused).toMatchObject({ status: 410, body: { reason: "Expired" } });
  const rest = await send(`${url}?limit=10&continue=${refused.body.metadata.continue}`);
  expect(names(rest.body)).toContain("late");
});

test("apply takes back what it no longer says, and leaves others' fields alone", async () => {
  const url = `${await start()}/kubernetes/gz/api/v1/namespaces/shared`;
  const apply = (manager: string, labels: object, force = false) =>
    send(
      `${url}?fieldManager=${manager}${force ? "&force=true" : ""}`,
      "PATCH",
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "shared", labels } },
      "application/apply-patch+yaml",
    );
  expect((await apply("a", { one: "1", two: "2" })).status).toBe(201);
  expect((await apply("b", { three: "3" })).body.metadata.labels).toEqual({ one: "1", two: "2", three: "3" });
  expect((await apply("a", { one: "1" })).body.metadata.labels).toEqual({ one: "1", three: "3" });
  expect((await apply("b", { one: "other", three: "3" })).status).toBe(409);
  expect((await apply("b", { one: "other" }, true)).body.metadata.labels).toEqual({ one: "other" });
  expect((await apply("a", {})).body.metadata.labels).toEqual({ one: "other" });
});

test("the administrator's routes and the clusters need the token; unknown clusters are no clusters", async () => {
  const url = await start();
  for (const path of ["/admin/kubernetes", "/kubernetes/gz/api/v1/nodes"]) {
    expect((await fetch(`${url}${path}`)).status).toBe(401);
  }
  expect((await send(`${url}/kubernetes/absent/api/v1/nodes`)).status).toBe(404);
  expect((await send(`${url}/admin/kubernetes/gz/faults`, "POST", { fault: { kind: "rain" } })).status).toBe(
    422,
  );
  await expect(start(null, Number(new URL(url).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
});
