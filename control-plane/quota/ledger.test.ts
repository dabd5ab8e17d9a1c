import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import { queryRows, type SqlRow, type Tx } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { type HoldId, idOf, knownId, type PlacementId, type QuotaNodeId } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { emptied } from "../province/apply.fixture.ts";
import type { HeldPart } from "./held-part.ts";
import { fixtureTree, ledgerFixture, part } from "./ledger.fixture.ts";
import { commitHold, type HoldOutcome, hold, releaseHold, returnClaims } from "./ledger.ts";
import { available, chainOf } from "./tree.ts";
import { LEDGER_INVARIANTS } from "./verify/invariants.ts";

let harness: TestApp;

beforeAll(async () => {
  harness = await testApp();
});
afterAll(() => harness.close());

async function afresh(): Promise<void> {
  await emptied(harness.app);
  await harness.app.db.withTx(ledgerFixture);
}
beforeEach(afresh);

const withTx = <Result>(run: (tx: Tx) => Promise<Result>) => harness.app.db.withTx(run);
const broken = () => brokenInvariants(harness.app.db, LEDGER_INVARIANTS);
const REQUEST = idOf("req", "0001");
const TENANCY = idOf("ten", "0001");

const tryHold = (...parts: HeldPart[]): Promise<HoldOutcome> =>
  withTx((tx) => hold(tx, harness.app, REQUEST, parts, plus(harness.clock.now(), DAY_MS)));

async function held(...parts: HeldPart[]): Promise<HoldId> {
  const outcome = await tryHold(...parts);
  if (!outcome.held) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.holdId;
}

async function refused(...parts: HeldPart[]) {
  const outcome = await tryHold(...parts);
  if (outcome.held) throw new Error("was held");
  return outcome.refusal;
}

const commit = (holdId: HoldId, placements: Partial<Record<HeldPart["role"], PlacementId>>) => {
  const ids = new Map(Object.entries(placements) as [HeldPart["role"], PlacementId][]);
  return withTx((tx) => commitHold(tx, harness.app, holdId, TENANCY, ids));
};
const release = (holdId: HoldId) => withTx((tx) => releaseHold(tx, harness.app, holdId));
const giveBack = (keep: ReadonlyMap<PlacementId, ResourceVector>) =>
  withTx((tx) => returnClaims(tx, harness.app, keep));

const rows = (statement: ReturnType<typeof sql>) => withTx((tx) => queryRows(tx, statement));

async function counters(table: "pool" | "node", id: string, resourceClass = "VCPU") {
  const [row] = await rows(
    table === "pool"
      ? sql`SELECT held, used FROM inventories WHERE pool_id = ${id} AND resource_class = ${resourceClass}`
      : sql`SELECT held, used, usage FROM quota_limits WHERE node_id = ${id} AND resource_class = ${resourceClass}`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, value]) => [name, Number(value)]));
}

const kinds = async () =>
  (await rows(sql`SELECT kind FROM ledger_entries ORDER BY id`)).map((row: SqlRow) => row.kind);

describe("a hold", () => {
  it("takes quota at the department and capacity in the pool", async () => {
    await held(part("gd.a.x", "a-large", { VCPU: 7, MEMORY_GIB: 9 }));
    expect(await counters("pool", "a-large")).toEqual({ held: 7, used: 0 });
    expect(await counters("node", "gd.a.x", "MEMORY_GIB")).toEqual({ held: 9, used: 0, usage: 9 });
    expect(await broken()).toEqual([]);
  });

  it("burdens the nodes above only with what the department does not keep to itself", async () => {
    await held(part("gd.a.x", "a-large", { VCPU: 20 }));
    expect(await counters("node", "gd.a")).toMatchObject({ usage: 0 });
    await held(part("gd.a.x", "a-large", { VCPU: 25 }));
    // 45 less the 20 kept; the cloud keeps 10 of the 25 it then bears.
    expect(await counters("node", "gd.a")).toEqual({ held: 0, used: 0, usage: 25 });
    expect(await counters("node", "gd")).toEqual({ held: 0, used: 0, usage: 15 });
    expect(await broken()).toEqual([]);
  });

  it("borrows up the chain until a limit binds, and says which", async () => {
    expect(await refused(part("gd.a.y", "a-large", { VCPU: 31 }))).toEqual({
      code: "quota.exceeded",
      level: "department",
      nodeId: "gd.a.y",
      poolId: null,
      dimension: "VCPU",
      limit: 30,
      used: 0,
      held: 0,
      borrowed: 0,
      requested: 31,
      missing: 1,
      fitting: 30,
      commitmentId: null,
      from: null,
    });
    await held(part("gd.a.y", "a-large", { VCPU: 30 }));
    expect(await refused(part("gd.a.x", "a-large", { VCPU: 53 }))).toMatchObject({
      level: "cloud",
      nodeId: "gd.a",
      limit: 60,
      used: 0,
      held: 30,
      borrowed: 0,
      missing: 3,
      fitting: 50,
    });
    await commit(await held(part("gd.a.x", "a-large", { VCPU: 49 })), { primary: idOf("plc", "2") });
    // The cloud counts 59 of its 40 and what it may borrow, of which 30 are held.
    expect(await refused(part("gd.a.x", "a-large", { VCPU: 2 }))).toMatchObject({
      nodeId: "gd.a",
      used: 29,
      held: 30,
      borrowed: 19,
      fitting: 1,
    });
    expect(await broken()).toEqual([]);
  });

  it("is refused with the pool's figures where the pool is short", async () => {
    await held(part("gd.a.x", "a-small", { MEMORY_GIB: 5 }));
    const holdId = await held(part("gd.a.x", "a-small", { MEMORY_GIB: 3 }));
    await commit(holdId, { primary: idOf("plc", "1") });
    expect(await refused(part("gd.a.x", "a-small", { MEMORY_GIB: 9 }))).toEqual({
      code: "capacity.exceeded",
      level: "pool",
      nodeId: null,
      poolId: "a-small",
      dimension: "MEMORY_GIB",
      limit: 12,
      used: 3,
      held: 5,
      borrowed: 0,
      requested: 9,
      missing: 5,
      fitting: 4,
      commitmentId: null,
      from: null,
    });
  });

  it("is refused where the pool has none of the class", async () => {
    await withTx((tx) =>
      tx.execute(sql`DELETE FROM inventories WHERE pool_id = 'b-large' AND resource_class = 'VCPU'`),
    );
    expect(await refused(part("gd.b.x", "b-large", { VCPU: 1 }))).toMatchObject({
      code: "capacity.exceeded",
      limit: 0,
      missing: 1,
    });
  });

  it("is all or nothing", async () => {
    const fits = part("gd.b.x", "b-large", { VCPU: 40, MEMORY_GIB: 40 });
    await refused(fits, part("gd.a.x", "a-small", { VCPU: 13 }, "recovery"));
    expect(await counters("pool", "b-large")).toEqual({ held: 0, used: 0 });
    expect(await kinds()).toEqual([]);
    expect(await rows(sql`SELECT id FROM holds`)).toEqual([]);
  });

  it("adds up parts that share a pool", async () => {
    const one = part("gd.a.x", "a-small", { VCPU: 6 });
    await held(one, part("gd.a.y", "a-small", { VCPU: 6 }, "edge"));
    expect(await counters("pool", "a-small")).toEqual({ held: 12, used: 0 });
    await afresh();
    const refusal = await refused(one, part("gd.a.y", "a-small", { VCPU: 8 }, "edge"));
    expect(refusal).toMatchObject({ code: "capacity.exceeded", limit: 12, missing: 2 });
    expect(await broken()).toEqual([]);
  });

  it("adds up parts that share a node", async () => {
    const one = part("gd.b.x", "b-large", { VCPU: 30 });
    const refusal = await refused(one, part("gd.b.x", "a-large", { VCPU: 11 }, "recovery"));
    expect(refusal).toMatchObject({ nodeId: "gd.b.x", limit: 40, used: 30, missing: 1 });
    await held(one, part("gd.b.x", "a-large", { VCPU: 10 }, "recovery"));
    expect(await counters("node", "gd.b.x")).toEqual({ held: 40, used: 0, usage: 40 });
    expect(await broken()).toEqual([]);
  });

  it("counts parts of different clouds together where they meet", async () => {
    // Each alone may use 60 of the province.
    await held(part("gd.a.x", "a-large", { VCPU: 70 }));
    const left = available(
      chainOf(fixtureTree(new Map([["gd.a.x", { VCPU: 70 }]])), knownId<QuotaNodeId>("gd.b.z")),
      "VCPU",
    );
    expect(left).toBe(5);
    expect(await refused(part("gd.b.z", "b-large", { VCPU: 6 }))).toMatchObject({
      nodeId: "gd.b.z",
      missing: 1,
    });
    await held(part("gd.a.x", "a-large", { VCPU: 8 }));
    // 78 less 20 kept by the department and 10 by the cloud: 48 of 50 lent or borrowed.
    expect(await refused(part("gd.a.y", "a-large", { VCPU: 3 }))).toMatchObject({
      nodeId: "gd.a",
      missing: 1,
    });
    expect(await broken()).toEqual([]);
  });

  it("names a node that does not exist, and holds nothing", async () => {
    const unknown = {
      ...part("gd.a.x", "a-large", { VCPU: 1 }),
      quotaNodeId: knownId<QuotaNodeId>("gd.nowhere"),
    };
    await expect(tryHold(unknown)).rejects.toMatchObject({ code: "quota.unknown_node" });
    expect(await broken()).toEqual([]);
  });
});

describe("settling a hold", () => {
  it("turns what was held into claims, without a change of the quota's usage", async () => {
    const holdId = await held(
      part("gd.a.x", "a-large", { VCPU: 8 }),
      part("gd.b.x", "b-large", { MEMORY_GIB: 4 }, "recovery"),
    );
    await commit(holdId, { primary: idOf("plc", "1"), recovery: idOf("plc", "2") });
    expect(await counters("pool", "a-large")).toEqual({ held: 0, used: 8 });
    expect(await counters("node", "gd.a.x")).toEqual({ held: 0, used: 8, usage: 8 });
    expect(
      await rows(sql`SELECT placement_id, resource_class, amount::int FROM claims ORDER BY placement_id`),
    ).toEqual([
      { placement_id: "plc_1", resource_class: "VCPU", amount: 8 },
      { placement_id: "plc_2", resource_class: "MEMORY_GIB", amount: 4 },
    ]);
    expect(await broken()).toEqual([]);
  });

  it("adds a growth to the claim that is there", async () => {
    const placement = { primary: idOf("plc", "1") };
    await commit(await held(part("gd.a.x", "a-large", { VCPU: 8 })), placement);
    await commit(await held(part("gd.a.x", "a-large", { VCPU: 3 })), placement);
    expect(await rows(sql`SELECT amount::int FROM claims`)).toEqual([{ amount: 11 }]);
    expect(await broken()).toEqual([]);
  });

  it("releases once; a second release does no harm", async () => {
    const holdId = await held(part("gd.a.x", "a-large", { VCPU: 40 }));
    expect(await release(holdId)).toBe(true);
    expect(await release(holdId)).toBe(false);
    expect(await counters("node", "gd")).toEqual({ held: 0, used: 0, usage: 0 });
    expect(await kinds()).toEqual(["hold", "release"]);
    expect(await broken()).toEqual([]);
  });

  it("leaves claims alone when a committed hold is released", async () => {
    const holdId = await held(part("gd.a.x", "a-large", { VCPU: 4 }));
    await commit(holdId, { primary: idOf("plc", "1") });
    expect(await release(holdId)).toBe(false);
    expect(await counters("pool", "a-large")).toEqual({ held: 0, used: 4 });
  });

  it("refuses to commit what was released, committed or has expired", async () => {
    const placement = { primary: idOf("plc", "1") };
    const released = await held(part("gd.a.x", "a-large", { VCPU: 4 }));
    await release(released);
    await expect(commit(released, placement)).rejects.toMatchObject({ code: "hold.expired" });
    const committed = await held(part("gd.a.x", "a-large", { VCPU: 4 }));
    await commit(committed, placement);
    await expect(commit(committed, placement)).rejects.toMatchObject({ code: "hold.expired" });
    const late = await held(part("gd.a.x", "a-large", { VCPU: 4 }));
    harness.clock.advance(DAY_MS);
    await expect(commit(late, placement)).rejects.toMatchObject({ code: "hold.expired" });
    expect(await withTx((tx) => releaseHold(tx, harness.app, late, "expire"))).toBe(true);
    expect(await rows(sql`SELECT state FROM holds WHERE id = ${late}`)).toEqual([{ state: "expired" }]);
    expect(await counters("pool", "a-large")).toEqual({ held: 0, used: 4 });
    expect(await broken()).toEqual([]);
  });

  it("keeps everything when a part has no placement", async () => {
    const holdId = await held(
      part("gd.a.x", "a-large", { VCPU: 4 }),
      part("gd.a.x", "a-small", { VCPU: 1 }, "edge"),
    );
    await expect(commit(holdId, { primary: idOf("plc", "1") })).rejects.toThrow("without a placement");
    expect(await counters("pool", "a-large")).toEqual({ held: 4, used: 0 });
    expect(await broken()).toEqual([]);
  });
});

describe("returning claims", () => {
  const placement = idOf("plc", "1");

  it("gives back what is beyond what is kept, and never more", async () => {
    await commit(await held(part("gd.a.x", "a-large", { VCPU: 40, MEMORY_GIB: 8 })), { primary: placement });
    await giveBack(new Map([[placement, { VCPU: 10, MEMORY_GIB: 9 }]]));
    expect(await counters("pool", "a-large")).toEqual({ held: 0, used: 10 });
    expect(await counters("pool", "a-large", "MEMORY_GIB")).toEqual({ held: 0, used: 8 });
    expect(await counters("node", "gd.a")).toMatchObject({ usage: 0 });
    expect(await broken()).toEqual([]);
  });

  it("takes away the claim that is returned whole, once", async () => {
    await commit(await held(part("gd.a.x", "a-large", { VCPU: 5 })), { primary: placement });
    await giveBack(new Map([[placement, {}]]));
    await giveBack(new Map([[placement, {}]]));
    expect(await rows(sql`SELECT * FROM claims`)).toEqual([]);
    expect(await kinds()).toEqual(["hold", "commit", "return"]);
    expect(await broken()).toEqual([]);
  });
});

describe("the ledger", () => {
  it.each([
    "UPDATE ledger_entries SET held_delta = 0",
    "DELETE FROM ledger_entries",
    "TRUNCATE ledger_entries",
  ])("refuses %s", async (statement) => {
    await held(part("gd.a.x", "a-large", { VCPU: 1 }));
    const change = withTx((tx) => tx.execute(sql.raw(statement)));
    await expect(change).rejects.toMatchObject({ cause: { message: "ledger_entries is append-only" } });
    expect(await kinds()).toEqual(["hold"]);
  });
});
