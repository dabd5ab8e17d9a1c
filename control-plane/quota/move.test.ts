import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiOf, type TestCall } from "../../tests/support/api.ts";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { brokenInvariants } from "../../tests/support/invariants.ts";
import type { Caller } from "../context.ts";
import { queryRows } from "../db/tx.ts";
import { DAY_MS, plus } from "../kernel/clock.ts";
import { idOf } from "../kernel/ids.ts";
import type { ResourceVector } from "../kernel/quantity.ts";
import { emptied } from "../province/apply.fixture.ts";
import { DEPARTMENTS, type FixtureNode, ledgerFixture, part } from "./ledger.fixture.ts";
import { hold } from "./ledger.ts";
import { quotaRoutes } from "./routes.ts";
import { LEDGER_INVARIANTS } from "./verify/invariants.ts";

let harness: TestApp;
let call: TestCall;
let operator: Caller;

beforeAll(async () => {
  harness = await testApp();
  call = apiOf(harness.app, quotaRoutes);
});
afterAll(() => harness.close());
beforeEach(async () => {
  await emptied(harness.app);
  await harness.app.db.withTx(ledgerFixture);
  operator = await harness.callerWith([{ role: "provincial_operator" }]);
});

const broken = () => brokenInvariants(harness.app.db, LEDGER_INVARIANTS);
const take = (node: FixtureNode, amounts: ResourceVector) =>
  harness.app.db.withTx((tx) => {
    const parts = [part(node, node.startsWith("gd.a") ? "a-large" : "b-large", amounts)];
    return hold(tx, harness.app, idOf("req", "1"), parts, plus(harness.clock.now(), DAY_MS));
  });

async function move(id: string, parentId: string, more: object = {}, query = "", caller = operator) {
  const { body } = await call(operator, `GET /quotas/${id}`);
  const headers = { "if-match": `"${body.generation}"` };
  return call(caller, `POST /quotas/${id}/move${query}`, { headers, body: { parentId, ...more } });
}
const vcpuOf = async (id: string) => {
  const { body } = await call(operator, `GET /quotas/${id}`);
  return (body.classes as { resourceClass: string }[]).find((one) => one.resourceClass === "VCPU");
};

describe("moving a node", () => {
  it("takes its quota and its usage from the one chain to the other", async () => {
    await take("gd.a.y", { VCPU: 30 });
    const tried = await move("gd.a.y", "gd.a.x", {}, "?dryRun=true");
    expect(tried).toMatchObject({
      status: 200,
      body: { parentId: "gd.a.x", generation: 1, consequences: null },
    });
    expect(await vcpuOf("gd.a.x")).toMatchObject({ subtreeQuota: 30 });
    const moved = await move("gd.a.y", "gd.a.x");
    expect(moved).toMatchObject({ status: 200, body: { parentId: "gd.a.x", generation: 2 } });
    // It lends all of its 20 to the new parent, and the 30 that it uses count there.
    expect(await vcpuOf("gd.a.x")).toMatchObject({ subtreeQuota: 50, localQuota: 40, subtreeHeld: 30 });
    expect(await broken()).toEqual([]);
    await take("gd.a.y", { VCPU: 1 });
    await take("gd.a.x", { VCPU: 20 });
    expect(await broken()).toEqual([]);
    await move("gd.a.y", "gd.a");
    expect(await broken()).toEqual([]);
    const rows = await harness.app.db.withTx((tx) =>
      queryRows(tx, sql`SELECT before, after FROM audit_entries WHERE action = 'quota.move' ORDER BY id`),
    );
    expect(rows).toMatchObject([
      { before: { parentId: "gd.a" }, after: { parentId: "gd.a.x" } },
      { before: { parentId: "gd.a.x" }, after: { parentId: "gd.a" } },
    ]);
  });

  it("to any depth, and never below itself", async () => {
    await move("gd.a.y", "gd.a.x");
    expect(await move("gd.a.x", "gd.a.y")).toMatchObject({ status: 409, body: { code: "quota.cycle" } });
    expect(await move("gd.a.x", "gd.a.x")).toMatchObject({ status: 409, body: { code: "quota.cycle" } });
    await take("gd.a.y", { VCPU: 5, MEMORY_GIB: 5 });
    expect(await broken()).toEqual([]);
  });

  it("is refused where the tree has no such shape, and out of scope", async () => {
    expect((await move("gd.a.x", "gd.b.x")).body.code).toBe("quota.invalid_parent");
    expect((await move("gd.a.x", "gd")).body.code).toBe("quota.invalid_parent");
    expect((await move("gd.a", "gd.b")).body.code).toBe("quota.invalid_parent");
    expect((await move("gd.a.x", "none")).body.code).toBe("quota.unknown_node");
    const member = await harness.callerWith([{ role: "approver" }]);
    expect((await move("gd.a.x", "gd.a.y", {}, "", member)).status).toBe(403);
    const bare = await call(operator, "POST /quotas/gd.a.x/move", { body: { parentId: "gd.a.y" } });
    expect(bare.status).toBe(428);
  });

  it("asks for a choice where somebody would be over then", async () => {
    // Of the cloud's 60 that it may take, y uses 30 and x, which lends 10, the rest.
    await take("gd.b.z", { VCPU: 5 });
    const refused = await move("gd.b.z", "gd.b.x");
    expect(refused).toMatchObject({ status: 200 });
    await take("gd.a.y", { VCPU: 30 });
    await harness.app.db.withTx((tx) =>
      tx.execute(sql`UPDATE quota_limits SET borrowing_limit = 5 WHERE node_id = 'gd.a.x'`),
    );
    await take("gd.a.x", { VCPU: 30 });
    const over = await move("gd.a.y", "gd.a.x");
    expect(over).toMatchObject({
      status: 409,
      body: { code: "quota.over_limit", details: { excesses: [{ nodeId: "gd.a.x", missing: 5 }] } },
    });
    const moved = await move("gd.a.y", "gd.a.x", { overLimit: { choice: "freeze" } });
    expect(moved).toMatchObject({ status: 200, body: { consequences: { excesses: [{ missing: 5 }] } } });
    expect(await broken()).toEqual([]);
    expect(await take("gd.a.y", { VCPU: 1 })).toMatchObject({
      held: false,
      refusal: { code: "quota.frozen" },
    });
  });

  it("goes on while others hold, and no figure is lost", async () => {
    const moves = async () => {
      for (const parent of ["gd.a.x", "gd.a", "gd.a.x", "gd.a", "gd.a.x"]) {
        const answer = await move("gd.a.y", parent);
        expect(answer.status).toBe(200);
      }
    };
    const holds = async (offset: number) => {
      for (let round = 0; round < 15; round += 1) {
        const node = DEPARTMENTS[(round + offset) % DEPARTMENTS.length] ?? "gd.a.x";
        await take(node, { VCPU: 1, MEMORY_GIB: 1 });
      }
    };
    await Promise.all([moves(), holds(0), holds(1), holds(2)]);
    expect(await broken()).toEqual([]);
  });
});
