import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { YunhengProcess } from "../support/process.ts";
import { SMALL_REQUEST } from "./sample-request.ts";

const yunheng = new YunhengProcess();
let member = "";

beforeAll(async () => {
  await yunheng.start();
  member = await yunheng.tokenFor("hrss-member", "department_member", {
    kind: "organization",
    id: "gd-hrss",
  });
});
afterAll(() => yunheng.dispose());

/** Milliseconds after the answer: before the first call, and between calls. */
const MOMENTS = [0, 600];

test("kill -9 at any moment of provisioning, and the next start carries it to exactly one tenancy", async () => {
  for (const [round, moment] of MOMENTS.entries()) {
    const system = { ...SMALL_REQUEST.system, name: `断电演练系统 ${round + 1}` };
    const key = { "idempotency-key": `crash-${round}` };
    const body = { ...SMALL_REQUEST, system };
    const answer = await yunheng.call(member, "POST", "/tenancy-requests", body, key);
    expect(answer.status).toBe(202);
    await pause(moment);
    await yunheng.end("SIGKILL");
    await yunheng.start();

    const repeated = await yunheng.call(member, "POST", "/tenancy-requests", body, key);
    expect(repeated.body).toEqual(answer.body);
    const path = `/tenancies/${answer.body.tenancyId}`;
    const tenancy = await yunheng.until(
      () => yunheng.call(member, "GET", path),
      ({ body: shown }) => shown.status === "trial",
    );
    const [placement] = tenancy.body.placements;
    expect(placement.instances.map((one: { name: string }) => one.name).sort()).toEqual(["web-1", "web-2"]);
  }
  const all = await yunheng.call(member, "GET", "/tenancies?limit=100");
  expect(all.body.items).toHaveLength(MOMENTS.length);
});

test("SIGTERM ends cleanly, and the work goes on at the next start", async () => {
  const body = { ...SMALL_REQUEST, system: { ...SMALL_REQUEST.system, name: "平稳停机系统" } };
  const answer = await yunheng.call(member, "POST", "/tenancy-requests", body);
  expect(await yunheng.end("SIGTERM")).toBe(0);
  expect(yunheng.output).not.toContain("Error");
  await yunheng.start();
  await yunheng.until(
    () => yunheng.call(member, "GET", `/tenancies/${answer.body.tenancyId}`),
    ({ body: shown }) => shown.status === "trial",
  );
});

test("a second process on the same folder or port is told so in words", async () => {
  const second = await yunheng.command("all", "--port", "0");
  expect(second.code).toBe(1);
  expect(second.output).toMatch(/in use by process \d+/);
  const other = new YunhengProcess({ PORT: new URL(yunheng.url).port });
  const taken = await other.command("all");
  expect(taken.code).toBe(1);
  expect(taken.output).toMatch(/Port \d+ .* is already in use/);
  expect(existsSync(join(other.dataDir, "administrator.token"))).toBe(false);
  await other.dispose();
});
