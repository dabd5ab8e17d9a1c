import { afterAll, beforeAll, expect, test } from "vitest";
import { SMALL_REQUEST } from "../stories/sample-request.ts";
import { YunhengProcess } from "../support/process.ts";
import { type ServerDatabase, startServerDatabase } from "../support/server-database.ts";

let server: ServerDatabase;
let yunheng: YunhengProcess;

beforeAll(async () => {
  server = await startServerDatabase();
  yunheng = new YunhengProcess({ DATABASE_URL: server.url });
  await yunheng.start();
});
afterAll(async () => {
  await yunheng.dispose();
  await server.stop();
});

test("a database that goes away is 503 while it is away, and needs no restart when it is back", async () => {
  const member = await yunheng.tokenFor("member", "department_member", {
    kind: "organization",
    id: "gd-hrss",
  });
  const before = await yunheng.call(member, "POST", "/tenancy-requests", SMALL_REQUEST);
  expect(before.status).toBe(202);

  await server.pause();
  const away = await yunheng.call(member, "GET", "/clouds");
  expect(away.status).toBe(503);
  expect(away.body).toMatchObject({ code: "database.unavailable", messageZh: "数据库暂不可用" });
  expect(JSON.stringify(away.body)).not.toMatch(/ECONN|postgres|stack/i);
  expect((await fetch(`${yunheng.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${yunheng.url}/readyz`)).status).toBe(503);

  await server.resume();
  const back = await yunheng.until(
    () => yunheng.call(member, "GET", `/tenancies/${before.body.tenancyId}`),
    ({ status, body }) => status === 200 && body.status === "trial",
    60,
  );
  expect(back.status).toBe(200);
  const next = { ...SMALL_REQUEST, system: { ...SMALL_REQUEST.system, name: "恢复后的系统" } };
  expect((await yunheng.call(member, "POST", "/tenancy-requests", next)).status).toBe(202);
});
