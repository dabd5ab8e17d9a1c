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
