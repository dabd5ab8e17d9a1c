import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { queryRows } from "../db/tx.ts";
import { knownId, type QuotaNodeId } from "../kernel/ids.ts";
import { deriveQuota, lockQuota } from "./derive.ts";
import { figuresOf } from "./tree.ts";

let tested: TestApp;
beforeAll(async () => {
  tested = await testApp();
});
afterAll(() => tested.close());

const execute = (text: string) => tested.app.db.withTx((tx) => queryRows(tx, sql.raw(text)));

beforeEach(async () => {
  await execute("DELETE FROM quota_limits");
  await execute("DELETE FROM quota_nodes");
  await execute(
    "INSERT INTO quota_nodes (id, parent_id, kind, name_zh, name_en) VALUES ('top', NULL, 'province', 't', 't'), ('mid', 'top', 'cloud', 'm', 'm'), ('low', 'mid', 'department', 'l', 'l')",
  );
  // mid keeps 60 of its 80 to itself; low keeps nothing and has taken 35 of its 30.
  await execute(
    "INSERT INTO quota_limits (node_id, resource_class, nominal, borrowing_limit, lending_limit, used, held) VALUES ('top', 'VCPU', 10, NULL, NULL, 0, 0), ('mid', 'VCPU', 50, 5, 20, 0, 0), ('low', 'VCPU', 30, NULL, NULL, 25, 10)",
  );
});

const figures = () =>
  execute(
    "SELECT node_id, local_quota::int AS local, subtree_quota::int AS subtree, usage::int AS usage FROM quota_limits ORDER BY node_id",
  );

it("derives every figure from limits and own counters, once", async () => {
  const { corrected } = await tested.app.db.withTx(deriveQuota);
  expect(corrected.map(({ nodeId }) => nodeId)).toEqual(["top", "mid", "low"]);
  expect(await figures()).toEqual([
    { node_id: "low", local: 0, subtree: 30, usage: 35 },
    { node_id: "mid", local: 60, subtree: 80, usage: 35 },
    { node_id: "top", local: 0, subtree: 30, usage: 0 },
  ]);
  expect((await tested.app.db.withTx(deriveQuota)).corrected).toEqual([]);
});

it("corrects a figure that somebody has falsified, and says what it was", async () => {
  await tested.app.db.withTx(deriveQuota);
  await execute("UPDATE quota_limits SET usage = 7 WHERE node_id = 'mid'");
  const before = await tested.app.db.withTx(lockQuota);
  const mid = before.get(knownId<QuotaNodeId>("mid"));
  expect(mid && figuresOf(mid, "VCPU").usage).toBe(7);
  const { corrected } = await tested.app.db.withTx(deriveQuota);
  expect(corrected).toMatchObject([
    { nodeId: "mid", resourceClass: "VCPU", before: { usage: 7 }, figures: { usage: 35 } },
  ]);
});

it("never touches limits and own counters", async () => {
  const text =
    "SELECT node_id, nominal::int, borrowing_limit::int, lending_limit::int, used::int, held::int FROM quota_limits ORDER BY node_id";
  const before = await execute(text);
  await tested.app.db.withTx(deriveQuota);
  expect(await execute(text)).toEqual(before);
});

it("refuses sums that would not be exact", async () => {
  await execute(`UPDATE quota_limits SET nominal = ${Number.MAX_SAFE_INTEGER}, lending_limit = NULL`);
  await expect(tested.app.db.withTx(deriveQuota)).rejects.toThrow("not an exact whole quantity");
});
