import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { emulatedConnection, startEmulators } from "../../providers/emulators.ts";
import { openProvider } from "../../providers/registry.ts";
import { apiOf, type TestCall } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { smallProvince } from "../../tests/support/small-province.ts";
import type { App, Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { openMetrics } from "../http/metrics.ts";
import { type CloudId, knownId } from "../kernel/ids.ts";
import { connecting, openClouds } from "../runtime/clouds.ts";
import { declarations, declareClouds } from "../runtime/emulated-clouds.ts";
import { rotateCommand } from "./rotate.ts";
import { credentialRoutes } from "./routes.ts";

const TOKEN = "token-of-the-simulated-clouds";
const keyText = () => randomBytes(32).toString("base64");
const OLD_KEY = keyText();

let house: TestApp;
let server: Awaited<ReturnType<typeof startEmulators>>;
let app: App;
let call: TestCall;
let administrator: Caller;
let ofGuangzhou: Caller;

beforeEach(async () => {
  house = await testApp({ environment: { CREDENTIAL_KEYS: `k1:${OLD_KEY}` } });
  await house.app.db.withTx((tx) => smallProvince(tx));
  server = await startEmulators({
    port: 0,
    host: "127.0.0.1",
    token: TOKEN,
    dataDir: null,
    clock: house.clock,
  });
  await declareClouds({ url: server.url, token: TOKEN }, await declarations(house.app.db));
  await movedTo(server.url);
  app = { ...house.app, connect: connecting({ openProvider, emulatedConnection }, null) };
  call = apiOf(app, credentialRoutes);
  administrator = await house.callerWith([{ role: "system_administrator" }]);
  ofGuangzhou = await house.callerWith([{ role: "cloud_operator", cloud: "guangzhou" }]);
});
afterEach(async () => {
  await server.close();
  await house.close();
});

const put = (caller: Caller, cloud: string, credential: unknown, headers = {}) =>
  call(caller, `PUT /clouds/${cloud}/credential`, { body: { credential }, headers });
const movedTo = (url: string) =>
  house.app.db.withTx((tx) =>
    tx.execute(sql`UPDATE clouds SET connection = jsonb_build_object('url', ${url}::text)`),
  );
const everythingStored = () =>
  house.app.db.withTx(async (tx) => {
    const tables = ["cloud_credentials", "audit_entries", "events", "idempotency_keys"];
    const rows = await Promise.all(
      tables.map((table) => queryRows(tx, sql`SELECT to_jsonb(t) AS row FROM ${sql.raw(table)} t`)),
    );
    return JSON.stringify(rows);
  });
const audited = () =>
  house.app.db.withTx(async (tx) => {
    const rows = await queryRows(
      tx,
      sql`SELECT action, target_id FROM audit_entries WHERE action LIKE 'credential.%' ORDER BY id`,
    );
    return rows.map(({ action, target_id }) => `${action} ${target_id}`);
  });
const clouds = (of: App = app) =>
  openClouds({
    app: of,
    connect: connecting({ openProvider, emulatedConnection }, null),
    metrics: openMetrics(),
  });
const GUANGZHOU = knownId<CloudId>("guangzhou");

describe("a credential", () => {
  it("is tested, kept sealed, shown without its content, and used by the adapter, each time audited", async () => {
    const kept = await put(ofGuangzhou, "guangzhou", { token: TOKEN });
    expect(kept).toMatchObject({
      status: 200,
      body: { cloudId: "guangzhou", fields: ["token"], cipher: "aes-256-gcm", keyId: "k1", generation: 1 },
    });
    const shown = await call(administrator, "GET /clouds/guangzhou/credential");
    expect(shown.body).toEqual(kept.body);
    const open = clouds();
    for (let times = 0; times < 3; times += 1) await (await open.open(GUANGZHOU)).probe({ requestId: "r" });
    expect((await call(administrator, "GET /clouds/guangzhou/credential")).body.lastUsedAt).not.toBeNull();
    expect(await audited()).toEqual(["credential.set guangzhou", "credential.use guangzhou"]);
    const everything = (await everythingStored()) + kept.text + shown.text;
    expect(everything).toContain("guangzhou");
    expect(everything).not.toContain(TOKEN);
  });

  it("is not kept where the cloud refuses it or the fields do not fit, and the old one goes on", async () => {
    await put(administrator, "guangzhou", { token: TOKEN });
    const refused = await put(administrator, "guangzhou", { token: "a wrong one" });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "cloud.connection_failed", details: { cloudId: "guangzhou", kind: "Denied" } },
    });
    const odd = await put(administrator, "guangzhou", { token: TOKEN, colour: "red" });
    expect(odd.body).toMatchObject({ code: "cloud.connection_invalid", details: { kind: "Invalid" } });
    const elsewhere = await put(administrator, "guangzhou", { token: TOKEN, url: "http://127.0.0.1:9" });
    expect(elsewhere.body.code).toBe("cloud.connection_invalid");
    for (const bad of [{}, "token", { "two words": "x" }, { token: "x".repeat(70_000) }, { token: null }]) {
      expect((await put(administrator, "guangzhou", bad)).body.code).toBe("http.invalid_input");
    }
    expect((await call(administrator, "GET /clouds/guangzhou/credential")).body.generation).toBe(1);
    expect(await everythingStored()).not.toContain("a wrong one");
  });

  it("can be tested without being kept, the given one or the kept one", async () => {
    const test = (body: unknown) => call(administrator, "POST /clouds/guangzhou/credential/test", { body });
    expect((await test({})).body.code).toBe("cloud.connection_invalid");
    expect(await test({ credential: { token: TOKEN } })).toMatchObject({
      status: 200,
      body: { reachable: true },
    });
    expect((await call(administrator, "GET /clouds/guangzhou/credential")).status).toBe(404);
    await put(administrator, "guangzhou", { token: TOKEN });
    expect((await test({})).status).toBe(200);
    await movedTo("http://127.0.0.1:9");
    expect((await test({})).body).toMatchObject({
      code: "cloud.connection_failed",
      details: { kind: "Unavailable" },
    });
  });

  it("belongs to those who run the cloud or the system, and is changed on what was seen", async () => {
    const operator = await house.callerWith([{ role: "provincial_operator" }]);
    expect((await put(operator, "guangzhou", { token: TOKEN })).status).toBe(403);
    expect((await put(ofGuangzhou, "shenzhen", { token: TOKEN })).status).toBe(403);
    expect((await call(ofGuangzhou, "GET /clouds/shenzhen/credential")).status).toBe(403);
    expect((await put(administrator, "nowhere", { token: TOKEN })).status).toBe(404);
    await put(administrator, "guangzhou", { token: TOKEN });
    const stale = await put(administrator, "guangzhou", { token: TOKEN }, { "if-match": '"7"' });
    expect(stale.status).toBe(412);
    const again = await put(administrator, "guangzhou", { token: TOKEN }, { "if-match": '"1"' });
    expect(again.body.generation).toBe(2);
    const removed = await call(administrator, "POST /clouds/guangzhou/credential/remove");
    expect(removed.status).toBe(200);
    expect((await call(administrator, "GET /clouds/guangzhou/credential")).status).toBe(404);
    expect((await call(administrator, "POST /clouds/guangzhou/credential/remove")).status).toBe(404);
  });
});

describe("the keys", () => {
  it("are rotated while adapters go on: sealed anew under the first key, then the old key may go", async () => {
    await put(administrator, "guangzhou", { token: TOKEN });
    await put(administrator, "shenzhen", { token: TOKEN });
    const withKeys = (CREDENTIAL_KEYS: string): App => ({
      ...app,
      config: { ...app.config, CREDENTIAL_KEYS, CREDENTIAL_CIPHER: "sm4-hmac-sm3" },
    });
    const newKey = keyText();
    const both = withKeys(`k2:${newKey},k1:${OLD_KEY}`);
    await (await clouds(both).open(GUANGZHOU)).probe({ requestId: "r" });
    const lines: string[] = [];
    expect(await rotateCommand(both, administrator, (line) => lines.push(line))).toBe(0);
    expect(await rotateCommand(both, administrator, (line) => lines.push(line))).toBe(0);
    expect(lines).toEqual([
      expect.stringMatching(/sealed anew: 2.*unchanged: 0/),
      expect.stringMatching(/sealed anew: 0.*unchanged: 2/),
    ]);
    const state = await call(administrator, "GET /clouds/guangzhou/credential");
    expect(state.body).toMatchObject({ keyId: "k2", cipher: "sm4-hmac-sm3", generation: 1 });
    await (await clouds(withKeys(`k2:${newKey}`)).open(GUANGZHOU)).probe({ requestId: "r" });
    expect((await audited()).filter((line) => line.startsWith("credential.rotate"))).toHaveLength(2);
  });

  it("that are missing or wrong leave the cloud unreachable, with the reason", async () => {
    await put(administrator, "guangzhou", { token: TOKEN });
    for (const [keys, reason] of [
      [`k9:${keyText()}`, /sealed under key k1, which is missing/],
      [`k1:${keyText()}`, /does not open with key k1/],
    ] as const) {
      const other = { ...app, config: { ...app.config, CREDENTIAL_KEYS: keys } };
      await expect(clouds(other).open(GUANGZHOU)).rejects.toThrow(reason);
    }
  });
});
