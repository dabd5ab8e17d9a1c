import { array, assert, asyncProperty, constant, constantFrom, integer, oneof, record } from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { cancelCommitment } from "../commitments/cancel.ts";
import { createCommitment } from "../commitments/create.ts";
import type { Caller } from "../context.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { isFault } from "../kernel/fault.ts";
import { type HoldId, idOf, knownId, type QuotaNodeId, systemIds } from "../kernel/ids.ts";
import { reviewOverLimits } from "../over-limits/review.ts";
import { emptied } from "../province/apply.fixture.ts";
import { perform } from "../verb.ts";
import { excessesOf } from "./excess.ts";
import { type FixtureNode, ledgerFixture, part } from "./ledger.fixture.ts";
import { commitHold, hold, releaseHold } from "./ledger.ts";
import { moveQuota } from "./move-node.ts";
import { nodesById } from "./rows.ts";
import { readLinks } from "./store.ts";
import { available, chainOf, deriveTree, type QuotaLimit, type QuotaNode } from "./tree.ts";
import { updateQuota } from "./update-node.ts";
import { LEDGER_INVARIANTS } from "./verify/invariants.ts";

let harness: TestApp;
let operator: Caller;
beforeAll(async () => {
  harness = await testApp();
});
afterAll(() => harness.close());

const IN_A = ["gd.a.x", "gd.a.y"] as const;
const CAPACITY = 100;
const department = constantFrom<FixtureNode>(...IN_A);
const which = integer({ min: 0, max: 9 });
const orNull = oneof(constant(null), integer({ min: 0, max: 40 }));

const command = oneof(
  {
    weight: 4,
    arbitrary: record({
      do: constant("hold" as const),
      node: department,
      amount: integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 2, arbitrary: record({ do: constantFrom("commit" as const, "release" as const), which }) },
  {
    weight: 2,
    arbitrary: record({
      do: constant("edit" as const),
      node: constantFrom("gd.a", ...IN_A),
      limit: record({ nominal: integer({ min: 0, max: 50 }), borrowingLimit: orNull, lendingLimit: orNull }),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: constant("move" as const), node: department, to: constantFrom("gd.a", ...IN_A) }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: constant("promise" as const),
      node: department,
      amount: integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 1, arbitrary: record({ do: constant("cancel" as const), which }) },
);
type Command = typeof command extends { generate: (...given: never[]) => { value: infer Value } }
  ? Value
  : never;

/** Parents, limits and claims alone; everything else is derived from them whenever it is asked for. */
class Model {
  readonly nodes = new Map<
    string,
    { parentId: string | null; level: QuotaNode["level"]; limit: QuotaLimit }
  >();
  readonly claimed = new Map<string, number>();
  frozen = new Set<string>();
  readonly holds: { id: HoldId; node: string; amount: number }[] = [];
  readonly promises: { id: string; node: string; amount: number }[] = [];

  tree() {
    return deriveTree(
      [...this.nodes].map(
        ([key, { parentId, level, limit }]): QuotaNode => ({
          id: knownId(key),
          parentId: parentId === null ? null : knownId<QuotaNodeId>(parentId),
          level,
          limits: { VCPU: limit },
          claimed: { VCPU: this.claimed.get(key) ?? 0 },
        }),
      ),
    );
  }

  over(): Map<string, number> {
    return new Map(excessesOf(this.tree()).map(({ nodeId, missing }) => [nodeId as string, missing]));
  }

  /** What a change leaves over, and was not before or not as far, is frozen; what is back under is free. */
  changed(before: ReadonlyMap<string, number>): void {
    for (const [node, missing] of this.over()) if (missing > (before.get(node) ?? 0)) this.frozen.add(node);
    this.thawed();
  }

  thawed(): void {
    const over = this.over();
    this.frozen = new Set([...this.frozen].filter((node) => over.has(node)));
  }

  /** Everybody's usage or promise, whichever is more, and of the asking node what it uses. */
  freeFor(asking: string): number {
    return IN_A.reduce((free, node) => {
      const used = this.claimed.get(node) ?? 0;
      const owed = this.promises
        .filter((one) => one.node === node)
        .reduce((sum, { amount }) => sum + amount, 0);
      return free - (node === asking ? used : Math.max(used, owed));
    }, CAPACITY);
  }

  fits(node: string, amount: number): boolean {
    const chain = chainOf(this.tree(), knownId<QuotaNodeId>(node));
    if (chain.some((link) => this.frozen.has(link.id))) return false;
    return amount <= available(chain, "VCPU") && amount <= this.freeFor(node);
  }

  take(node: string, amount: number): void {
    this.claimed.set(node, (this.claimed.get(node) ?? 0) + amount);
  }
}

const withTx: TestApp["app"]["db"]["withTx"] = (run) => harness.app.db.withTx(run);
const generationOf = async (node: string) => {
  const key = knownId<QuotaNodeId>(node);
  return (await withTx((tx) => nodesById(tx, [key]))).get(key)?.generation;
};

async function run(model: Model, one: Command): Promise<void> {
  const { app, clock } = harness;
  switch (one.do) {
    case "hold": {
      const parts = [part(one.node, "a-large", { VCPU: one.amount })];
      const outcome = await withTx((tx) => hold(tx, app, idOf("req", "1"), parts, plus(clock.now(), DAY_MS)));
      expect(outcome.held).toBe(model.fits(one.node, one.amount));
      if (!outcome.held) return;
      model.holds.push({ id: outcome.holdId, node: one.node, amount: one.amount });
      return model.take(one.node, one.amount);
    }
    case "commit":
    case "release": {
      const [chosen] = model.holds.splice(one.which % Math.max(1, model.holds.length), 1);
      if (chosen === undefined) return;
      if (one.do === "commit") {
        const placed = new Map([["primary" as const, systemIds.next("plc")]]);
        return withTx((tx) => commitHold(tx, app, chosen.id, idOf("ten", "1"), placed));
      }
      await withTx((tx) => releaseHold(tx, app, chosen.id));
      model.take(chosen.node, -chosen.amount);
      return;
    }
    case "edit": {
      const before = model.over();
      const input = { nodeId: one.node, limits: { VCPU: one.limit }, overLimit: { choice: "freeze" } };
      await perform(app, operator, updateQuota, { ...input, ifMatch: await generationOf(one.node) });
      const node = model.nodes.get(one.node);
      if (node !== undefined) model.nodes.set(one.node, { ...node, limit: one.limit });
      return model.changed(before);
    }
    case "move": {
      const before = model.over();
      const cycle = chainOf(model.tree(), knownId<QuotaNodeId>(one.to)).some(({ id }) => id === one.node);
      const input = { nodeId: one.node, parentId: one.to, overLimit: { choice: "freeze" } };
      const moved = perform(app, operator, moveQuota, { ...input, ifMatch: await generationOf(one.node) });
      if (cycle) return void (await expect(moved).rejects.toMatchObject({ code: "quota.cycle" }));
      await moved;
      const node = model.nodes.get(one.node);
      if (node !== undefined) model.nodes.set(one.node, { ...node, parentId: one.to });
      return model.changed(before);
    }
    case "promise": {
      const wish = { quotaNodeId: one.node, poolId: "a-large", resourceClass: "VCPU", amount: one.amount };
      const days = { start: "2027-01-01", expiresAt: "2027-06-01" };
      const owed = model.promises.filter(({ node }) => node === one.node);
      const before = owed.reduce((sum, { amount }) => sum + amount, 0);
      const used = model.claimed.get(one.node) ?? 0;
      const more = Math.max(used, before + one.amount) - used;
      const fits = more <= model.freeFor(one.node);
      try {
        const { id } = await perform(app, operator, createCommitment, { ...wish, ...days });
        expect(fits).toBe(true);
        model.promises.push({ id: id ?? "", node: one.node, amount: one.amount });
      } catch (error) {
        if (!isFault(error, "commitment.no_room")) throw error;
        expect(fits).toBe(false);
      }
      return;
    }
    case "cancel": {
      const [chosen] = model.promises.splice(one.which % Math.max(1, model.promises.length), 1);
      if (chosen === undefined) return;
      await perform(app, operator, cancelCommitment, { id: chosen.id, reason: "test" });
    }
  }
}

it("admits exactly what fits while limits, tree and promises change, and keeps every invariant", async () => {
  await assert(
    asyncProperty(array(command, { minLength: 6, maxLength: 18 }), async (commands) => {
      await emptied(harness.app);
      await withTx(ledgerFixture);
      operator = await harness.callerWith([{ role: "provincial_operator" }]);
      const model = new Model();
      const start = await withTx((tx) =>
        readLinks(
          tx,
          ["gd.a.x", "gd.a.y", "gd.b.x", "gd.b.z"].map((id) => knownId<QuotaNodeId>(id)),
        ),
      );
      for (const { id, parentId, level, figures } of start.values()) {
        const { nominal = 0, borrowingLimit = null, lendingLimit = null } = figures.VCPU ?? {};
        model.nodes.set(id, { parentId, level, limit: { nominal, borrowingLimit, lendingLimit } });
      }
      for (const one of commands) {
        await run(model, one);
        await reviewOverLimits(harness.app);
        model.thawed();
        expect(await brokenInvariants(harness.app.db, LEDGER_INVARIANTS, harness.clock.now())).toEqual([]);
        const stored = await withTx((tx) =>
          readLinks(
            tx,
            [...model.nodes.keys()].map((id) => knownId<QuotaNodeId>(id)),
          ),
        );
        for (const [id, link] of model.tree()) {
          expect(stored.get(id)?.figures.VCPU).toEqual(link.figures.VCPU);
          expect(stored.get(id)?.frozen?.includes("VCPU")).toBe(model.frozen.has(id));
        }
      }
    }),
    { numRuns: 10 },
  );
}, 120_000);
