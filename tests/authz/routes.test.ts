import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROLE_NAMES, ROLE_PERMISSIONS } from "../../control-plane/authz/roles.ts";
import { queryRows } from "../../control-plane/db/tx.ts";
import { API_ROUTES } from "../../control-plane/http/api-routes.ts";
import { httpApp } from "../../control-plane/http/app.ts";
import { openMetrics } from "../../control-plane/http/metrics.ts";
import { type TestApp, testApp } from "../support/app.ts";
import { tokenFor } from "../support/token.ts";

let house: TestApp;
let hono: ReturnType<typeof httpApp>;
beforeAll(async () => {
  house = await testApp();
  hono = httpApp(house.app, openMetrics());
});
afterAll(() => house.close());

const ROUTES = API_ROUTES.map((route) => ({ route, name: `${route.method.toUpperCase()} ${route.path}` }));
const addressOf = (path: string) => `/api/v1${path.replaceAll(/\{\w+\}/g, "unknown")}`;

test.each(ROUTES)("$name answers 401 without a token", async ({ route }) => {
  const answer = await hono.request(addressOf(route.path), { method: route.method.toUpperCase() });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: "auth.token_missing" });
});

const RESTRICTED = ROUTES.flatMap(({ route, name }) => {
  const refused = ROLE_NAMES.find((role) => !ROLE_PERMISSIONS[role].includes(route.verb.permission));
  return refused === undefined ? [] : [{ route, name, refused }];
});

test.each(RESTRICTED)("$name answers 403 to $refused, whatever the body says", async ({ route, refused }) => {
  const token = await tokenFor(house, [{ role: refused }]);
  const answer = await hono.request(addressOf(route.path), {
    method: route.method.toUpperCase(),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(route.method === "get" ? {} : { body: JSON.stringify({ nonsense: true }) }),
  });
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({
    code: "auth.forbidden",
    details: { permission: route.verb.permission },
  });
});

test("what does not exist is 404, and only behind a token", async () => {
  expect((await hono.request("/api/v1/nothing")).status).toBe(401);
  const token = await tokenFor(house, [{ role: "auditor" }]);
  const answer = await hono.request("/api/v1/nothing", { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "http.not_found", messageZh: "资源不存在" });
});

test("an address that exists under another method is 405 and names the methods", async () => {
  const token = await tokenFor(house, [{ role: "auditor" }]);
  const answer = await hono.request("/api/v1/clouds", {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(405);
  expect(await answer.json()).toMatchObject({
    code: "http.method_not_allowed",
    details: { allowed: ["GET", "HEAD"] },
  });
  expect(answer.headers.get("allow")).toBe("GET, HEAD");
  expect((await hono.request("/healthz", { method: "POST" })).status).toBe(405);
});

test("an expired token and a revoked account have codes of their own", async () => {
  const expired = await tokenFor(house, [{ role: "auditor" }], { expiresAt: house.clock.now() });
  const answer = await hono.request("/api/v1/clouds", { headers: { authorization: `Bearer ${expired}` } });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: "auth.token_expired", messageZh: "访问令牌已过期" });
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
});

test("who was turned away is on record, with the account where the token had one, once a minute", async () => {
  const other = await testApp();
  const door = httpApp(other.app, openMetrics());
  const expired = await tokenFor(other, [{ role: "auditor" }], { expiresAt: other.clock.now() });
  const ask = (token: string | null) =>
    door.request("/api/v1/clouds", { headers: token === null ? {} : { authorization: `Bearer ${token}` } });
  for (const token of [expired, expired, "yh_nobodys", "yh_another", null]) {
    expect((await ask(token)).status).toBe(401);
  }
  const rows = await other.app.db.withTx((tx) =>
    queryRows(tx, sql`SELECT actor, target_type, target_id, outcome, reason FROM audit_entries ORDER BY id`),
  );
  expect(rows).toMatchObject([
    { actor: { accountId: expect.any(String) }, target_type: "token", reason: "auth.token_expired" },
    { actor: { accountId: null }, target_id: "unknown", outcome: "refused", reason: "auth.token_invalid" },
    { actor: { accountId: null }, target_id: "unknown", reason: "auth.token_missing" },
  ]);
  expect(JSON.stringify(rows)).not.toContain("yh_");
  await other.close();
});

test("what was looked for in vain is on record by its id", async () => {
  const token = await tokenFor(house, [{ role: "auditor" }]);
  const headers = { authorization: `Bearer ${token}` };
  const ask = (path: string) => hono.request(`/api/v1${path}`, { headers });
  expect((await ask("/tenancies/ten_01a20059-13b5-77d2-8eac-349ccf737d70")).status).toBe(404);
  expect((await ask("/clouds/%00")).status).toBe(400);
  const rows = await house.app.db.withTx((tx) =>
    queryRows(
      tx,
      sql`SELECT target_type, target_id, reason, after FROM audit_entries ORDER BY id DESC LIMIT 1`,
    ),
  );
  expect(rows).toEqual([
    {
      target_type: "tenancy",
      target_id: "ten_01a20059-13b5-77d2-8eac-349ccf737d70",
      reason: "http.not_found",
      after: { verb: "tenancy.get" },
    },
  ]);
});

test("too many requests of one token are 429 and say when to come back; another token is not held up", async () => {
  const busy = await testApp({ environment: { RATE_LIMIT_PER_MINUTE: "3" } });
  const limited = httpApp(busy.app, openMetrics());
  const [one, other] = [
    await tokenFor(busy, [{ role: "auditor" }]),
    await tokenFor(busy, [{ role: "auditor" }]),
  ];
  const ask = (token: string) =>
    limited.request("/api/v1/clouds", { headers: { authorization: `Bearer ${token}` } });
  for (let turn = 0; turn < 3; turn += 1) {
    const answer = await ask(one);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("ratelimit-remaining")).toBe(String(2 - turn));
  }
  const refused = await ask(one);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: "http.rate_limited" });
  expect((await ask(other)).status).toBe(200);
  await busy.close();
});

test("every answer bears the request's id, one of its own where the given one is no id", async () => {
  const token = await tokenFor(house, [{ role: "auditor" }]);
  const ask = (path: string, requestId?: string) =>
    hono.request(path, {
      headers: { authorization: `Bearer ${token}`, ...(requestId ? { "x-request-id": requestId } : {}) },
    });
  for (const path of ["/api/v1/clouds", "/api/v1/clouds?limit=0", "/healthz", "/openapi.json"]) {
    expect((await ask(path, "abc-1.2:3_x")).headers.get("x-request-id")).toBe("abc-1.2:3_x");
    for (const odd of [undefined, "two words", "x".repeat(101), '{"level":50}']) {
      expect((await ask(path, odd)).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    }
  }
});

test("a parameter has one place and one value: elsewhere, twice or unknown it is refused", async () => {
  const token = await tokenFor(house, [{ role: "provincial_operator" }]);
  const issuesOf = async (path: string, body?: unknown) => {
    const answer = await hono.request(`/api/v1${path}`, {
      method: body === undefined ? "GET" : "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { details: { issues: readonly { path: string }[] } };
    return problem.details.issues.map((issue) => issue.path);
  };
  expect(await issuesOf("/clouds?limit=1&limit=2")).toEqual(["limit"]);
  expect(await issuesOf("/clouds?colour=red&__proto__=1")).toEqual(["colour", "__proto__"]);
  expect(await issuesOf("/quotas/gd?limits=1", {})).toEqual(["limits"]);
  expect(await issuesOf("/quotas/gd", { nodeId: "other", dryRun: "true", ifMatch: 1 })).toEqual([
    "ifMatch",
    "nodeId",
    "dryRun",
  ]);
});

test("metrics need a token with the permission", async () => {
  expect((await hono.request("/metrics")).status).toBe(401);
  const member = await tokenFor(house, [{ role: "department_member" }]);
  expect((await hono.request("/metrics", { headers: { authorization: `Bearer ${member}` } })).status).toBe(
    403,
  );
  const auditor = await tokenFor(house, [{ role: "auditor" }]);
  const answer = await hono.request("/metrics", { headers: { authorization: `Bearer ${auditor}` } });
  expect(await answer.text()).toContain("yunheng_http_request_seconds");
});
