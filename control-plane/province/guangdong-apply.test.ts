import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import type { App } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { RESOURCE_CLASSES } from "../kernel/quantity.ts";
import { deriveQuota } from "../quota/derive.ts";
import { excessesOf } from "../quota/excess.ts";
import { apply, comparable } from "./apply.fixture.ts";
import { documentsOf, type Province } from "./province.ts";
import { readProvince } from "./read.ts";
import { loadProvince } from "./rows.ts";

const directory = fileURLToPath(new URL("../../deploy/provinces/guangdong", import.meta.url));

let tested: TestApp;
let app: App;
let province: Province;
beforeAll(async () => {
  tested = await testApp();
  app = tested.app;
  province = await readProvince(directory);
});
afterAll(() => tested.close());

it("is applied, and the second time changes nothing", async () => {
  const changes = await apply(app, province);
  expect(changes.length).toBe(documentsOf(province).length);
  expect(await apply(app, province, { prune: true })).toEqual([]);
});

it("is read back as it was written", async () => {
  const stored = await app.db.withTx(loadProvince);
  expect(comparable(stored)).toEqual(comparable(province));
});

it("leaves a whole and consistent quota tree behind", async () => {
  await app.db.withTx(async (tx) => {
    const [rows] = await queryRows(tx, sql`SELECT count(*)::int AS count FROM quota_limits`);
    expect(rows?.count).toBe(province.quotaNodes.length * RESOURCE_CLASSES.length);
    const { tree, corrected } = await deriveQuota(tx);
    expect(corrected).toEqual([]);
    expect(excessesOf(tree)).toEqual([]);
  });
});

it("leaves one audit row of bounded size for each application", async () => {
  const rows = await app.db.withTx((tx) =>
    queryRows(
      tx,
      sql`SELECT length(after::text) AS size, after -> 'counts' ->> 'Cloud' AS clouds FROM audit_entries ORDER BY at`,
    ),
  );
  expect(rows).toHaveLength(2);
  expect(Number(rows[0]?.size)).toBeLessThan(100_000);
  expect(JSON.parse(String(rows[0]?.clouds))).toEqual({ create: province.clouds.length });
  expect(rows[1]?.clouds).toBeNull();
});
