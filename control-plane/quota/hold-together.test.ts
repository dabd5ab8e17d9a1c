import { sql } from "drizzle-orm";
import { array, assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { queryRows } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { idOf, knownId, systemIds } from "../kernel/ids.ts";
import { emptied } from "../province/apply.fixture.ts";
import { DEPARTMENTS, type FixtureNode, type FixturePool, ledgerFixture, part } from "./ledger.fixture.ts";
import { holdTogether, type Wish } from "./ledger.ts";
import { LEDGER_INVARIANTS } from "./verify/invariants.ts";

let harness: TestApp;

beforeAll(async () => {
  harness = await testApp();
});
afterAll(() => harness.close());

const amounts = record({ VCPU: integer({ min: 0, max: 30 }), MEMORY_GIB: integer({ min: 0, max: 30 }) });
const wish = record({
  node: constantFrom<FixtureNode>(...DEPARTMENTS),
  pools: array(constantFrom<FixturePool>("a-large", "a-small", "b-large"), { minLength: 1, maxLength: 2 }),
  amounts,
  atOnce: constantFrom(true, false),
});

/** What counters and ledger say, without ids and times. */
const STATE = sql`
  SELECT 'node ' || node_id AS place, resource_class, used, held, usage FROM quota_limits
  UNION ALL SELECT 'pool ' || pool_id, resource_class, used, held, NULL FROM inventories
  UNION ALL SELECT kind || ' ' || pool_id || ' ' || quota_node_id, resource_class, sum(used_delta), sum(held_delta),
                   count(*) FROM ledger_entries GROUP BY kind, pool_id, quota_node_id, resource_class
  UNION ALL SELECT 'claim ' || pool_id || ' ' || quota_node_id, resource_class, sum(amount), NULL, count(*)
              FROM claims GROUP BY pool_id, quota_node_id, resource_class
  UNION ALL SELECT 'hold ' || state, NULL, count(*), NULL, NULL FROM holds GROUP BY state
  ORDER BY 1, 2`;

/** Carries the groups out one after the other, each in a transaction, and tells what came of it. */
async function outcomeOf(groups: readonly (readonly (readonly Wish[])[])[]) {
  const { app } = harness;
  await emptied(app);
  await app.db.withTx(ledgerFixture);
  const answers: (number | string)[] = [];
  for (const group of groups) {
    for (const outcome of await app.db.withTx((tx) => holdTogether(tx, app, group))) {
      if (outcome.status === "rejected") throw outcome.reason;
      const { value } = outcome;
      answers.push(value.held ? value.chosen : JSON.stringify(value.refusal));
    }
  }
  expect(await brokenInvariants(app.db, LEDGER_INVARIANTS)).toEqual([]);
  return { answers, state: await app.db.withTx((tx) => queryRows(tx, STATE)) };
}

it("holding together equals holding one after the other", async () => {
  await assert(
    asyncProperty(array(wish, { minLength: 2, maxLength: 12 }), async (drawn) => {
      const expiresAt = plus(harness.clock.now(), DAY_MS);
      const wishes = drawn.map(({ node, pools, amounts, atOnce }) =>
        pools.map((pool): Wish => {
          const placementIds = new Map([["primary" as const, systemIds.next("plc")]]);
          const claim = { tenancyId: idOf("ten", "1"), placementIds };
          const parts = [part(node, pool, amounts)];
          return { requestId: idOf("req", "1"), parts, expiresAt, ...(atOnce && { claim }) };
        }),
      );
      const together = await outcomeOf([wishes]);
      expect(together).toEqual(await outcomeOf(wishes.map((one) => [one])));
    }),
    { numRuns: 8 },
  );
});

it("names what cannot be judged, and lets the others have theirs", async () => {
  const { app } = harness;
  await emptied(app);
  await app.db.withTx(ledgerFixture);
  const expiresAt = plus(harness.clock.now(), DAY_MS);
  const wishAt = (node: string): Wish => ({
    requestId: idOf("req", "1"),
    parts: [{ ...part("gd.a.x", "a-large", { VCPU: 1 }), quotaNodeId: knownId(node) }],
    expiresAt,
  });
  const good: Wish = {
    requestId: idOf("req", "2"),
    parts: [part("gd.a.x", "a-large", { VCPU: 1 })],
    expiresAt,
  };
  const outcomes = await app.db.withTx((tx) => holdTogether(tx, app, [[good], [wishAt("unknown")], [good]]));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "quota.unknown_node" } });
  expect(await brokenInvariants(app.db, LEDGER_INVARIANTS)).toEqual([]);
});
