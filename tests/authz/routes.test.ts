import { afterAll, beforeAll, expect, test } from "vitest";
import { ROLE_NAMES, ROLE_PERMISSIONS } from "../../control-plane/authz/roles.ts";
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
    details: { allowed: ["GET"] },
  });
});

test("an expired token and a revoked account have codes of their own", async () => {
  const expired = await tokenFor(house, [{ role: "auditor" }], { expiresAt: house.clock.now() });
  const answer = await hono.request("/api/v1/clouds", { headers: { authorization: `Bearer ${expired}` } });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({ code: "auth.token_expired", messageZh: "访问令牌已过期" });
  expect(answer.headers.get("www-authenticate")).toBe("Bearer");
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
  for (let turn = 0; turn < 3; turn += 1) expect((await ask(one)).status).toBe(200);
  const refused = await ask(one);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: "http.rate_limited" });
  expect((await ask(other)).status).toBe(200);
  await busy.close();
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
