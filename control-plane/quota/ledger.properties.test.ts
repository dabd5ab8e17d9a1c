import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  uniqueArray,
} from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import type { Tx } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { type HoldId, idOf, type PlacementId, systemIds } from "../kernel/ids.ts";
import { add, amountOf, entriesOf, type ResourceVector, subtract } from "../kernel/quantity.ts";
import { emptied } from "../province/apply.fixture.ts";
import type { HeldPart } from "./held-part.ts";
import {
  DEPARTMENTS,
  type FixtureNode,
  type FixturePool,
  fixtureTree,
  ledgerFixture,
  POOL_CAPACITY,
  part,
} from "./ledger.fixture.ts";
import { commitHold, hold, releaseHold, returnClaims } from "./ledger.ts";
import { available, chainOf } from "./tree.ts";
import { LEDGER_INVARIANTS } from "./verify/invariants.ts";

let harness: TestApp;

beforeAll(async () => {
  harness = await testApp();
});
afterAll(() => harness.close());

const withTx = <Result>(run: (tx: Tx) => Promise<Result>) => harness.app.db.withTx(run);

type Command =
  | { readonly do: "hold"; readonly parts: readonly HeldPart[] }
  | { readonly do: "commit" | "release"; readonly which: number }
  | { readonly do: "return"; readonly which: number; readonly keep: ResourceVector };

const amounts = record({ VCPU: integer({ min: 0, max: 30 }), MEMORY_GIB: integer({ min: 0, max: 30 }) });
const somePart = record({
  node: constantFrom<FixtureNode>(...DEPARTMENTS),
  pool: constantFrom<FixturePool>("a-large", "a-small", "b-large"),
  amounts,
  role: constantFrom<HeldPart["role"]>("primary", "edge", "recovery"),
});
const command = oneof(
  {
    weight: 3,
    arbitrary: record({
      do: constant("hold" as const),
      parts: uniqueArray(somePart, { minLength: 1, maxLength: 3, selector: ({ role }) => role }).map(
        (parts) => parts.map((one) => part(one.node, one.pool, one.amounts, one.role)),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: constantFrom("commit" as const, "release" as const),
      which: integer({ min: 0, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: constant("return" as const), which: integer({ min: 0, max: 9 }), keep: amounts }),
  },
);

/** What is taken where, kept beside the ledger and decided on by deriving the whole tree each time. */
class Model {
  readonly nodes = new Map<string, ResourceVector>();
  readonly pools = new Map<string, ResourceVector>();
  readonly holds: { id: HoldId; parts: readonly HeldPart[] }[] = [];
  readonly claims: { id: PlacementId; part: HeldPart; amounts: ResourceVector }[] = [];

  fits(parts: readonly HeldPart[]): boolean {
    const before = { nodes: new Map(this.nodes), pools: new Map(this.pools) };
    const fit = parts.every((one) => {
      const chain = chainOf(fixtureTree(this.nodes), one.quotaNodeId);
      const free = POOL_CAPACITY[one.poolId as unknown as FixturePool];
      const taken = this.pools.get(one.poolId) ?? {};
      const fitsHere = entriesOf(one.amounts).every(
        ([name, amount]) => amount <= available(chain, name) && amount <= free - amountOf(taken, name),
      );
      this.take(one, one.amounts);
      return fitsHere;
    });
    for (const name of ["nodes", "pools"] as const) {
      this[name].clear();
      for (const [id, vector] of before[name]) this[name].set(id, vector);
    }
    return fit;
  }

  take({ quotaNodeId, poolId }: HeldPart, change: ResourceVector): void {
    this.nodes.set(quotaNodeId, add(this.nodes.get(quotaNodeId) ?? {}, change));
    this.pools.set(poolId, add(this.pools.get(poolId) ?? {}, change));
  }
}

async function run(model: Model, one: Command): Promise<void> {
  if (one.do === "hold") {
    const outcome = await withTx((tx) =>
      hold(tx, harness.app, idOf("req", "1"), one.parts, plus(harness.clock.now(), DAY_MS)),
    );
    expect(outcome.held).toBe(model.fits(one.parts));
    if (!outcome.held) return;
    model.holds.push({ id: outcome.holdId, parts: one.parts });
    for (const each of one.parts) model.take(each, each.amounts);
    return;
  }
  if (one.do === "return") {
    const claim = model.claims[one.which % Math.max(1, model.claims.length)];
    if (claim === undefined) return;
    await withTx((tx) => returnClaims(tx, harness.app, new Map([[claim.id, one.keep]])));
    const surplus = subtract(claim.amounts, one.keep);
    const returned = Object.fromEntries(entriesOf(surplus).filter(([, amount]) => amount > 0));
    model.take(claim.part, subtract({}, returned));
    claim.amounts = subtract(claim.amounts, returned);
    return;
  }
  const [chosen] = model.holds.splice(one.which % Math.max(1, model.holds.length), 1);
  if (chosen === undefined) return;
  if (one.do === "release") {
    await withTx((tx) => releaseHold(tx, harness.app, chosen.id));
    for (const each of chosen.parts) model.take(each, subtract({}, each.amounts));
    return;
  }
  const ids = new Map(chosen.parts.map((each) => [each.role, systemIds.next("plc")]));
  await withTx((tx) => commitHold(tx, harness.app, chosen.id, idOf("ten", "1"), ids));
  for (const each of chosen.parts) {
    const id = ids.get(each.role);
    if (id !== undefined) model.claims.push({ id, part: each, amounts: each.amounts });
  }
}

describe("any order of holds, commits, releases and returns", () => {
  it("keeps every invariant and admits exactly what fits", async () => {
    await assert(
      asyncProperty(array(command, { minLength: 4, maxLength: 16 }), async (commands) => {
        await emptied(harness.app);
        await withTx(ledgerFixture);
        const model = new Model();
        for (const one of commands) {
          await run(model, one);
          expect(await brokenInvariants(harness.app.db, LEDGER_INVARIANTS)).toEqual([]);
        }
      }),
      { numRuns: 12 },
    );
  });
});
