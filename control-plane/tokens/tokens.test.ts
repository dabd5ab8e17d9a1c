import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, idsOf, itemsOf, type TestAnswer } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { DAY_MS } from "../kernel/clock.ts";
import { authenticate } from "./authenticate.ts";
import { issueToken } from "./issue.ts";
import { tokenRoutes } from "./routes.ts";
import { insertGrants } from "./rows.ts";
import { newSecret } from "./secret.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let administrator: Caller;

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, tokenRoutes);
  administrator = await harness.callerWith([{ role: "system_administrator" }]);
});
afterAll(() => harness.close());

const PROVINCE = { scopeKind: "province" };
const OPERATOR = { role: "provincial_operator", ...PROVINCE };

const issue = (account: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  call(administrator, "POST /tokens", {
    body: { name: "日常使用", account: { name: account }, ...more },
    headers,
  });

function secretOf({ body }: TestAnswer): string {
  if (typeof body.secret !== "string") throw new Error("no secret");
  return body.secret;
}

const authenticated = (secret: string) => authenticate(harness.app.db, secret, harness.clock.now());

/** Everything the database holds, as text. */
async function everythingStored(): Promise<string> {
  return harness.app.db.withTx(async (tx) => {
    const tables = ["accounts", "tokens", "role_grants", "audit_entries", "events", "idempotency_keys"];
    const rows: unknown[] = [];
    for (const table of tables) rows.push(await queryRows(tx, sql`SELECT * FROM ${sql.raw(table)}`));
    return JSON.stringify(rows);
  });
}

describe("issuing a token", () => {
  it("makes the account, shows the secret once and keeps only its hash", async () => {
    const answer = await issue("city-clerk", {
      account: { name: "city-clerk", displayName: "市直部门经办人", organizationId: "gd-guangzhou" },
      grants: [
        { role: "approver", scopeKind: "organization", scopeId: "gd-guangzhou" },
        { role: "cloud_operator", scopeKind: "cloud", scopeId: "guangzhou" },
      ],
      expiresInDays: 30,
    });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        account: { name: "city-clerk", displayName: "市直部门经办人", organizationId: "gd-guangzhou" },
        expiresAt: "2026-12-20T02:00:00.000Z",
        revokedAt: null,
      },
    });
    const secret = secretOf(answer);
    expect(await everythingStored()).not.toContain(secret);
    const { actor } = await authenticated(secret);
    expect(actor).toMatchObject({ name: "city-clerk", organizationId: "gd-guangzhou" });
    expect(actor.grants).toContainEqual({
      role: "approver",
      scopeKind: "organization",
      scopeId: "gd-guangzhou",
      organizationPath: "/gd/gd-guangzhou/",
    });
    const [row] = await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`SELECT * FROM audit_entries WHERE action = 'token.issue'`),
    );
    expect(row).toMatchObject({
      target_id: answer.body.id,
      organization_id: "gd-guangzhou",
      after: { name: "日常使用", account: { name: "city-clerk" }, expiresAt: "2026-12-20T02:00:00.000Z" },
    });
  });

  it("repeats the answer for an Idempotency-Key, but not the secret", async () => {
    const headers = { "idempotency-key": "once" };
    const first = await issue("li.na", { grants: [OPERATOR] }, headers);
    const again = await issue("li.na", { grants: [OPERATOR] }, headers);
    expect(again.status).toBe(201);
    expect(again.body).toEqual({ ...first.body, secret: null });
    expect(await everythingStored()).not.toContain(secretOf(first));
    const account = first.body.account as { id: string };
    expect(idsOf(await call(administrator, `GET /tokens?accountId=${account.id}`))).toEqual([first.body.id]);
  });

  it("gives an account that exists another token, but never other grants", async () => {
    const first = await issue("chen.jie", { grants: [OPERATOR] });
    const second = await issue("chen.jie");
    const third = await issue("chen.jie", { grants: [{ ...OPERATOR, scopeId: "" }] });
    for (const answer of [second, third]) {
      expect(answer).toMatchObject({ status: 201, body: { account: first.body.account } });
    }
    const wider = await issue("chen.jie", { grants: [OPERATOR, { role: "approver", ...PROVINCE }] });
    expect(wider).toMatchObject({ status: 409, body: { code: "token.account_exists" } });
    const moved = await issue("chen.jie", { account: { name: "chen.jie", organizationId: "gd" } });
    expect(moved.body.code).toBe("token.account_exists");
  });

  it("makes one account for two calls that name it at the same moment", async () => {
    const answers = await Promise.all([
      issue("zhou.tong", { grants: [OPERATOR] }),
      issue("zhou.tong", { grants: [OPERATOR] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const [first, second] = answers;
    expect(second?.body.account).toEqual(first?.body.account);
    expect(second?.body.id).not.toBe(first?.body.id);
  });

  it.each([
    ["system_administrator", "security_administrator"],
    ["system_administrator", "auditor"],
    ["security_administrator", "auditor"],
  ])("refuses %s and %s in one account", async (left, right) => {
    const grants = [left, right].map((role) => ({ role, ...PROVINCE }));
    const refused = await issue("both", { grants });
    expect(refused).toMatchObject({ status: 409, body: { code: "auth.duties_conflict" } });
    expect(await everythingStored()).not.toContain('"both"');
  });

  it("the database refuses a second administrator role too, whoever writes it", async () => {
    const first = await issue("auditor-1", { grants: [{ role: "auditor", ...PROVINCE }] });
    const account = first.body.account as { id: never };
    const write = harness.app.db.withTx((tx) =>
      insertGrants(tx, [
        { accountId: account.id, role: "system_administrator", scopeKind: "province", scopeId: "" },
      ]),
    );
    await expect(write).rejects.toThrow();
  });

  it.each([
    [{ grants: [{ role: "approver", scopeKind: "cloud", scopeId: "nowhere" }] }, "token.unknown_scope"],
    [{ grants: [{ role: "approver", scopeKind: "organization", scopeId: "nobody" }] }, "token.unknown_scope"],
    [{ account: { name: "x", organizationId: "nobody" }, grants: [OPERATOR] }, "organization.unknown"],
    [{}, "http.invalid_input"],
    [{ grants: [] }, "http.invalid_input"],
    [{ grants: [OPERATOR, OPERATOR] }, "http.invalid_input"],
    [{ grants: [{ role: "emperor", ...PROVINCE }] }, "http.invalid_input"],
    [{ grants: [{ ...OPERATOR, scopeId: "guangzhou" }] }, "http.invalid_input"],
    [{ grants: [{ role: "approver", scopeKind: "cloud" }] }, "http.invalid_input"],
    [{ grants: [OPERATOR], expiresInDays: 366 }, "http.invalid_input"],
    [{ grants: [OPERATOR], expiresInDays: 0 }, "http.invalid_input"],
    [{ grants: [OPERATOR], secret: "mine" }, "http.invalid_input"],
    [{ account: { name: "Ünï" }, grants: [OPERATOR] }, "http.invalid_input"],
  ])("refuses %j with %s", async (more: Record<string, unknown>, code) => {
    expect((await issue("nobody-yet", more)).body.code).toBe(code);
    expect(await everythingStored()).not.toContain("nobody-yet");
  });
});

describe("who may manage tokens", () => {
  it("only the system administrator of the whole province; refusals are recorded", async () => {
    const auditor = await harness.callerWith([{ role: "auditor" }]);
    const partial = await harness.callerWith([{ role: "system_administrator", cloud: "guangzhou" }]);
    for (const caller of [auditor, partial]) {
      expect((await call(caller, "GET /tokens")).body.code).toBe("auth.forbidden");
      const body = { name: "x", account: { name: "y" }, grants: [OPERATOR] };
      expect((await call(caller, "POST /tokens", { body })).body.code).toBe("auth.forbidden");
      expect((await call(caller, "POST /tokens/tok_0/revoke")).body.code).toBe("auth.forbidden");
      const refused = await harness.app.db.withTx((tx) =>
        queryRows(
          tx,
          sql`SELECT target_id FROM audit_entries WHERE outcome = 'refused' AND request_id = ${caller.requestId}
              ORDER BY id`,
        ),
      );
      expect(refused.map(({ target_id }) => target_id)).toEqual(["token.list", "token.issue", "tok_0"]);
    }
  });
});

describe("listing and revoking", () => {
  it("lists in pages, with last use and without any secret or hash", async () => {
    const answer = await issue("zhao.lei", { grants: [OPERATOR] });
    await authenticated(secretOf(answer));
    const ids: unknown[] = [];
    for (let query = "?limit=2"; query !== ""; ) {
      const page = await call(administrator, `GET /tokens${query}`);
      expect(page.text).not.toMatch(/yh_|hash|secret/i);
      ids.push(...idsOf(page));
      query = page.body.nextCursor === null ? "" : `?limit=2&cursor=${page.body.nextCursor}`;
    }
    expect(ids).toContain(answer.body.id);
    expect(new Set(ids).size).toBe(ids.length);
    const account = answer.body.account as { id: string };
    const [own] = itemsOf(await call(administrator, `GET /tokens?accountId=${account.id}`));
    expect(own).toMatchObject({ lastUsedAt: harness.clock.now().toISOString(), grants: [OPERATOR] });
  });

  it("a revoked token ends at once and is revoked once", async () => {
    const answer = await issue("qian.duo", { grants: [OPERATOR] });
    const line = `POST /tokens/${answer.body.id}/revoke`;
    const revoked = await call(administrator, line, { body: { reason: "人员离岗" } });
    expect(revoked).toMatchObject({ status: 200, body: { revokedAt: harness.clock.now().toISOString() } });
    await expect(authenticated(secretOf(answer))).rejects.toMatchObject({ code: "auth.token_invalid" });
    harness.clock.advance(1000);
    expect((await call(administrator, line)).body).toEqual(revoked.body);
    const rows = await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`SELECT reason FROM audit_entries WHERE action = 'token.revoke'`),
    );
    expect(rows).toEqual([{ reason: "人员离岗" }]);
    expect((await call(administrator, "POST /tokens/tok_0/revoke")).status).toBe(404);
  });

  it("a token ends by itself", async () => {
    const answer = await issue("sun.li", { grants: [OPERATOR], expiresInDays: 1 });
    harness.clock.advance(DAY_MS);
    await expect(authenticated(secretOf(answer))).rejects.toMatchObject({ code: "auth.token_expired" });
  });
});

describe("inside the process", () => {
  it("the first start and the command line issue tokens with a secret of their own", async () => {
    const secret = newSecret();
    const system = {
      actor: { accountId: null, name: "system", organizationId: null, grants: [] },
      requestId: "first-start",
      sourceAddress: null,
      clock: harness.clock,
      ids: harness.app.ids,
    };
    await harness.app.db.withTx((tx) =>
      issueToken(tx, system, {
        secret,
        name: "first start",
        account: { name: "administrator", displayName: "系统管理员", organizationId: null },
        grants: [{ role: "system_administrator", scopeKind: "province", scopeId: "" }],
        expiresAt: new Date("2027-11-20T00:00:00Z"),
      }),
    );
    expect((await authenticated(secret)).actor.name).toBe("administrator");
    const rows = await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`SELECT action FROM audit_entries WHERE request_id = 'first-start'`),
    );
    expect(rows).toEqual([{ action: "token.issue" }]);
  });
});
