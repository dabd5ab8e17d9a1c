import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiOf, idsOf, itemsOf } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { streamed } from "../../tests/support/sample-export.ts";
import { sealCommitted } from "../../tests/support/sealing.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { type CloudId, knownId, type OrganizationId } from "../kernel/ids.ts";
import { signingKeyFile } from "./key-file.ts";
import { type AuditEvent, record } from "./record.ts";
import { auditRoutes } from "./routes.ts";
import { loadSigningKey, type SigningKey } from "./signing-key.ts";
import { verifyExport } from "./verify-export.ts";

let harness: TestApp;
let call: ReturnType<typeof apiOf>;
let auditor: Caller;
let actor: Caller;
let key: SigningKey;

const ofCloud = (cloudId: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  action: "cloud.suspend",
  targetType: "cloud",
  targetId: cloudId,
  cloudId: knownId<CloudId>(cloudId),
  reason: "检修",
  before: { status: "active" },
  after: { status: "suspended" },
  ...more,
});

const write = (caller: Caller, ...events: AuditEvent[]) =>
  harness.app.db.withTx((tx) =>
    record(tx, { ...caller, clock: harness.clock, ids: harness.app.ids }, events),
  );

beforeAll(async () => {
  harness = await testApp();
  await harness.app.db.withTx(smallProvince);
  call = apiOf(harness.app, auditRoutes);
  auditor = await harness.callerWith([{ role: "auditor" }]);
  actor = await harness.callerWith([{ role: "provincial_operator" }]);
  key = await loadSigningKey(signingKeyFile(harness.app.config));
  await write(actor, ofCloud("guangzhou"), ofCloud("shenzhen"));
  harness.clock.set("2026-11-21T00:00:00.000Z");
  await write(actor, ofCloud("guangzhou", { action: "cloud.resume" }));
  await write(actor, {
    action: "request.approve",
    targetType: "request",
    targetId: "req_1",
    organizationId: knownId<OrganizationId>("gd-guangzhou-health"),
    outcome: "refused",
  });
});
afterAll(() => harness.close());

describe("reading the audit log", () => {
  it("shows the newest first, each entry with its seal once it has one", async () => {
    const before = await call(auditor, "GET /audit/entries?targetType=cloud");
    expect(itemsOf(before)).toMatchObject([
      { targetId: "guangzhou", action: "cloud.resume", seal: null },
      { targetId: "shenzhen", action: "cloud.suspend", seal: null },
      { targetId: "guangzhou", action: "cloud.suspend", seal: null },
    ]);
    expect(await sealCommitted(harness.app, key, { force: true })).toBe(4);
    const [, , oldest] = itemsOf(await call(auditor, "GET /audit/entries?targetType=cloud"));
    const one = await call(auditor, `GET /audit/entries/${oldest?.id}`);
    expect(one.body).toEqual(oldest);
    expect(one.body).toMatchObject({
      actor: { name: actor.actor.name, roles: ["provincial_operator"] },
      at: "2026-11-20T02:00:00.000Z",
      reason: "检修",
      before: { status: "active" },
      after: { status: "suspended" },
      sourceAddress: "10.0.0.8",
      seal: { seq: 1, algorithm: "sha256" },
    });
    expect(one.body).not.toHaveProperty("transactionId");
  });

  it.each([
    ["action=cloud.resume", 1],
    ["targetId=shenzhen", 1],
    ["organizationId=gd-guangzhou-health", 1],
    ["cloudId=guangzhou", 2],
    ["outcome=refused", 1],
    ["from=2026-11-21T00:00:00Z", 2],
    ["to=2026-11-21T00:00:00Z", 2],
    ["from=2026-11-20T00:00:00Z&to=2026-11-20T01:00:00Z", 0],
  ])("is filtered by %s", async (query, count) => {
    const scoped = `GET /audit/entries?requestId=${actor.requestId}&${query}`;
    expect(itemsOf(await call(auditor, scoped))).toHaveLength(count);
  });

  it("is filtered by account, and refuses what it does not know", async () => {
    const mine = `accountId=${actor.actor.accountId}`;
    expect(itemsOf(await call(auditor, `GET /audit/entries?${mine}`))).toHaveLength(4);
    expect((await call(auditor, "GET /audit/entries?action=world.end")).body.code).toBe("http.invalid_input");
    expect((await call(auditor, "GET /audit/entries?from=yesterday")).body.code).toBe("http.invalid_input");
  });

  it("comes in pages that neither repeat nor skip", async () => {
    const line = `GET /audit/entries?requestId=${actor.requestId}&limit=3`;
    const first = await call(auditor, line);
    const second = await call(auditor, `${line}&cursor=${first.body.nextCursor}`);
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(4);
    expect(second.body.nextCursor).toBeNull();
  });

  it("stays within the auditor's scope", async () => {
    const ofShenzhen = await harness.callerWith([{ role: "auditor", cloud: "shenzhen" }]);
    const ofCity = await harness.callerWith([{ role: "auditor", organization: "gd-guangzhou" }]);
    expect(itemsOf(await call(ofShenzhen, "GET /audit/entries"))).toMatchObject([{ targetId: "shenzhen" }]);
    const [own, ...others] = itemsOf(await call(ofCity, "GET /audit/entries"));
    expect(own).toMatchObject({ targetId: "req_1" });
    expect(others).toEqual([]);
    expect((await call(ofShenzhen, `GET /audit/entries/${own?.id}`)).status).toBe(404);
    expect((await call(ofShenzhen, "GET /audit/export")).body.code).toBe("auth.forbidden");
  });

  it("is refused to everybody else, and the refusal is in the log", async () => {
    for (const path of ["entries", "entries/aud_0", "checkpoints", "export"]) {
      expect((await call(actor, `GET /audit/${path}`)).status).toBe(403);
    }
    const refused = await call(auditor, "GET /audit/entries?action=authorization.refused&limit=4");
    expect(itemsOf(refused).map(({ targetType, targetId }) => `${targetType} ${targetId}`)).toEqual([
      "verb audit.export",
      "verb audit.checkpoints",
      "audit aud_0",
      "verb audit.list",
    ]);
  });
});

describe("checkpoints", () => {
  it("are listed newest first, with the key that verifies them", async () => {
    await write(actor, ofCloud("guangzhou"));
    await sealCommitted(harness.app, key, { force: true });
    const first = await call(auditor, "GET /audit/checkpoints?limit=1");
    const second = await call(auditor, `GET /audit/checkpoints?limit=1&cursor=${first.body.nextCursor}`);
    const [newest] = itemsOf(first);
    const [oldest] = itemsOf(second);
    expect(newest).toMatchObject({ keyId: key.keyId, publicKey: key.publicKey, algorithm: "sha256" });
    expect(oldest).toMatchObject({ seq: 4, sealedAt: "2026-11-21T00:00:00.000Z" });
    expect(Number(newest?.seq)).toBeGreaterThan(4);
    const odd = Buffer.from("after:x").toString("base64url");
    expect((await call(auditor, `GET /audit/checkpoints?cursor=${odd}`)).body.code).toBe(
      "http.invalid_cursor",
    );
  });
});

describe("exporting the audit log", () => {
  const lines = (text: string) => text.trimEnd().split("\n");

  it("gives an export that verifies offline, and is itself in the log", async () => {
    const answer = await call(auditor, "GET /audit/export");
    expect(answer.headers.get("content-type")).toMatch(/^application\/jsonl/);
    const verdict = await verifyExport(streamed(lines(answer.text)), { trustedPublicKey: key.publicKey });
    expect(verdict).toMatchObject({ ok: true, checkpointsVerified: 2, problem: null });
    expect(verdict.range?.firstSeq).toBe(1);
    const [row] = itemsOf(await call(auditor, "GET /audit/entries?action=audit.export"));
    expect(row).toMatchObject({
      targetId: "chain",
      actor: { name: auditor.actor.name },
      after: { from: 1, last: verdict.range?.lastSeq },
    });
  });

  it("gives a stretch by row numbers or by times", async () => {
    const byNumber = await call(auditor, "GET /audit/export?from=2&to=3");
    expect(await verifyExport(streamed(lines(byNumber.text)))).toMatchObject({
      ok: true,
      range: { firstSeq: 2, lastSeq: 3 },
    });
    const byTime = await call(auditor, "GET /audit/export?from=2026-11-20T12:00:00Z&to=2026-11-22T00:00:00Z");
    const verdict = await verifyExport(streamed(lines(byTime.text)));
    expect(verdict).toMatchObject({ ok: true, range: { firstSeq: 3 } });
    const tail = await call(auditor, "GET /audit/export?from=5&to=999999");
    expect(await verifyExport(streamed(lines(tail.text)))).toMatchObject({
      ok: true,
      range: { firstSeq: 5 },
    });
  });

  it("refuses a stretch without rows", async () => {
    for (const query of [
      "from=999999",
      "from=3&to=2",
      "to=2020-01-01T00:00:00Z",
      "from=0",
      "from=abc",
      "x=1",
    ]) {
      expect((await call(auditor, `GET /audit/export?${query}`)).body.code).toBe("http.invalid_input");
    }
  });

  it("shows which row somebody changed behind the database's back", async () => {
    await harness.app.db.withTx(async (tx) => {
      await tx.execute(sql`ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only`);
      await queryRows(
        tx,
        sql`UPDATE audit_entries SET reason = '无' WHERE id IN (SELECT entry_id FROM audit_seals WHERE seq = 2)`,
      );
      await tx.execute(sql`ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only`);
    });
    const answer = await call(auditor, "GET /audit/export");
    const verdict = await verifyExport(streamed(lines(answer.text)), { trustedPublicKey: key.publicKey });
    expect(verdict).toMatchObject({ ok: false, count: 1, problem: { kind: "changed", seq: 2 } });
  });
});
