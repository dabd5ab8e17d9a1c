import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, YunhengProcess } from "../support/process.ts";
import { SAMPLE_REQUEST, SMALL_REQUEST } from "./sample-request.ts";

const yunheng = new YunhengProcess();
let member = "";
let stranger = "";
let operator = "";

beforeAll(async () => {
  await yunheng.start();
  member = await yunheng.tokenFor("hrss-member", "department_member", {
    kind: "organization",
    id: "gd-hrss",
  });
  stranger = await yunheng.tokenFor("health-member", "department_member", {
    kind: "organization",
    id: "gd-health",
  });
  operator = await yunheng.tokenFor("operator", "provincial_operator");
});
afterAll(() => yunheng.dispose());

const submit = (body: unknown) => yunheng.call(member, "POST", "/tenancy-requests", body);
const without = (key: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(SMALL_REQUEST).filter(([name]) => name !== key));
const system = (change: Record<string, unknown>) => ({
  ...SMALL_REQUEST,
  system: { ...SMALL_REQUEST.system, ...change },
});
const resources = (change: Record<string, unknown>) => ({
  ...without("instances"),
  resources: { ...SMALL_REQUEST.resources, ...change },
});

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(answer.body).toMatchObject({ status, code });
  expect(answer.body.messageZh).toMatch(/\p{Script=Han}/u);
  expect(answer.body.requestId).toBe(answer.headers.get("x-request-id"));
  expect(JSON.stringify(answer.body)).not.toMatch(/\bat \S+ \(|node_modules|select |insert /i);
}

const INVALID: [string, unknown, string][] = [
  ["a missing field", without("term"), "term"],
  ["an unknown field", { ...SMALL_REQUEST, colour: "red" }, ""],
  ["a wrong type", { ...SMALL_REQUEST, environment: 7 }, "environment"],
  ["a negative quantity", resources({ VCPU: -1 }), "resources.VCPU"],
  ["a fraction", resources({ VCPU: 1.5 }), "resources.VCPU"],
  ["a quantity above 2^53", resources({ VCPU: 2 ** 53 }), "resources.VCPU"],
  ["an astronomical quantity", resources({ VCPU: 1e300 }), "resources.VCPU"],
  ["a quantity as text", resources({ VCPU: "4" }), "resources.VCPU"],
  ["an unknown resource class", resources({ QUBITS: 1 }), "resources"],
  ["nothing asked for", { ...without("instances"), resources: {} }, "resources"],
  [
    "a term that ends before it starts",
    { ...SMALL_REQUEST, term: { start: "2027-01-01", end: "2026-12-31" } },
    "term.end",
  ],
  [
    "a date that does not exist",
    { ...SMALL_REQUEST, term: { start: "2026-02-30", end: "2026-12-31" } },
    "term.start",
  ],
  ["a control character in a name", system({ name: "系统\u0000" }), "system.name"],
  ["a bidirectional override in a name", system({ name: "系统\u202Etxt" }), "system.name"],
  ["half a surrogate pair in a name", system({ name: "系统\ud800" }), "system.name"],
  ["a name of 10,000 characters", system({ name: "系".repeat(10_000) }), "system.name"],
  ["instances beyond the resources", { ...SMALL_REQUEST, resources: { VCPU: 1 } }, "instances"],
  ["an unknown kind", { ...SMALL_REQUEST, kind: "steal" }, "kind"],
  ["prototype pollution", JSON.parse('{"__proto__": {"admin": true}, "kind": "create"}'), "organizationId"],
];

describe("a body that is not as agreed", () => {
  test.each(INVALID)("%s names the field", async (_what, body, path) => {
    const answer = await submit(body);
    expectProblem(answer, 400, "http.invalid_input");
    const paths = answer.body.details.issues.map((issue: { path: string }) => issue.path);
    expect(paths).toContain(path);
  });

  test.each([
    ["100,000 levels", `{"purpose":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["a number beyond all numbers", '{"resources":{"VCPU":1e400}}'],
    ["half a surrogate pair", '{"purpose":"\\ud800"}'],
  ])("%s under an idempotency key is as wrong as without", async (_what, body) => {
    const response = await fetch(`${yunheng.url}/api/v1/tenancy-requests`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${member}`,
        "content-type": "application/json",
        "idempotency-key": "odd",
      },
      body,
    });
    const answer = { status: response.status, headers: response.headers, body: await response.json() };
    expectProblem(answer, 400, "http.invalid_input");
  });

  test.each([
    ["malformed JSON", "{", "application/json", 400, "http.malformed_json"],
    ["a list", "[]", "application/json", 400, "http.invalid_input"],
    ["another media type", "a=1", "text/plain", 415, "http.unsupported_media_type"],
    ["10 MB", `{"purpose": "${"x".repeat(10_000_000)}"}`, "application/json", 413, "http.body_too_large"],
  ])("%s", async (_what, body, contentType, status, code) => {
    const response = await fetch(`${yunheng.url}/api/v1/tenancy-requests`, {
      method: "POST",
      headers: { authorization: `Bearer ${member}`, "content-type": contentType },
      body,
    });
    const answer = { status: response.status, headers: response.headers, body: await response.json() };
    expectProblem(answer, status, code);
  });
});

test("injection attempts are data, not code", async () => {
  const sql = await submit(system({ name: "'; DROP TABLE tenancies; --" }));
  expect(sql.status).toBe(202);
  const cel = await submit(system({ name: '" || true || "', filingNo: "1 == 1 ? [1].map(x, x) : []" }));
  expect([201, 202]).toContain(cel.status);
  const query = await yunheng.call(operator, "GET", `/clouds?q=${encodeURIComponent("' OR 1=1 --")}`);
  expect(query.body.items).toEqual([]);
  expect((await yunheng.call(operator, "GET", "/tenancies")).status).toBe(200);
});

test("the same request twice is a conflict; with a key it is the same answer; a key with another body is refused", async () => {
  const first = await submit(SAMPLE_REQUEST);
  expect(first.status).toBe(202);
  expectProblem(await submit(SAMPLE_REQUEST), 409, "request.duplicate");
  const keyed = (body: unknown) =>
    yunheng.call(member, "POST", "/tenancy-requests", body, { "idempotency-key": "once" });
  const one = await keyed(system({ name: "幂等系统" }));
  const [again, other] = [
    await keyed(system({ name: "幂等系统" })),
    await keyed(system({ name: "另一系统" })),
  ];
  // To the letter, also in the order of the fields.
  expect(JSON.stringify(again.body)).toBe(JSON.stringify(one.body));
  expectProblem(other, 422, "http.idempotency_mismatch");
  const withdrawn = await yunheng.call(member, "POST", `/tenancy-requests/${first.body.id}/withdraw`, {
    reason: "误提交",
  });
  expect(withdrawn.body.status).toBe("withdrawn");
});

test("tokens: none, wrong, of another organization", async () => {
  expectProblem(await yunheng.call("yh_wrong", "GET", "/clouds"), 401, "auth.token_invalid");
  const mine = await submit(system({ name: "本部门系统" }));
  expectProblem(
    await yunheng.call(stranger, "GET", `/tenancy-requests/${mine.body.id}`),
    404,
    "http.not_found",
  );
  expectProblem(
    await yunheng.call(stranger, "GET", `/tenancies/${mine.body.tenancyId}`),
    404,
    "http.not_found",
  );
  const listed = await yunheng.call(stranger, "GET", "/tenancy-requests");
  expect(listed.body.items).toEqual([]);
  expectProblem(
    await yunheng.call(stranger, "POST", "/tenancy-requests", SMALL_REQUEST),
    403,
    "auth.forbidden",
  );
});

test("ids, cursors and preconditions that make no sense have codes of their own", async () => {
  expectProblem(
    await yunheng.call(member, "GET", "/tenancy-requests?cursor=nonsense"),
    400,
    "http.invalid_cursor",
  );
  expectProblem(
    await yunheng.call(member, "GET", "/tenancy-requests?limit=100000"),
    400,
    "http.invalid_input",
  );
  expectProblem(await yunheng.call(member, "GET", "/tenancy-requests?colour=red"), 400, "http.invalid_input");
  expectProblem(
    await yunheng.call(member, "GET", "/tenancies/ten_00000000-0000-7000-8000-000000000000"),
    404,
    "http.not_found",
  );
  expectProblem(await yunheng.call(member, "GET", "/tenancies/%27%3B--"), 400, "http.invalid_input");
  const mine = await submit(SAMPLE_REQUEST);
  const path = `/tenancy-requests/${mine.body.id}/withdraw`;
  const stale = await yunheng.call(member, "POST", path, { reason: "误提交" }, { "if-match": '"99"' });
  expectProblem(stale, 412, "http.precondition_failed");
  expect((await yunheng.call(member, "POST", path, { reason: "误提交" }, { "if-match": '"1"' })).status).toBe(
    200,
  );
});

test("nothing of all this has left a hold behind", async () => {
  const pools = await yunheng.call(operator, "GET", "/pools?limit=500");
  for (const { id } of pools.body.items.filter(
    (pool: { cloudId: string }) => pool.cloudId === "gd-provincial",
  )) {
    const pool = await yunheng.call(operator, "GET", `/pools/${id}`);
    for (const inventory of pool.body.inventories) expect(inventory.held).toBe(0);
  }
});
