import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { queryRows } from "../../control-plane/db/tx.ts";
import { DAY_MS, plus, systemClock } from "../../control-plane/kernel/clock.ts";
import { systemIds } from "../../control-plane/kernel/ids.ts";
import { DEPARTMENTS, ledgerFixture, part } from "../../control-plane/quota/ledger.fixture.ts";
import { commitHold, hold, releaseHold } from "../../control-plane/quota/ledger.ts";
import { LEDGER_INVARIANTS } from "../../control-plane/quota/verify/invariants.ts";
import { openTestDatabase, type TestDatabase } from "../support/database.ts";
import { brokenInvariants } from "../support/invariants.ts";

const WRITERS = 8;
const HOLDS_EACH = 40;

/** The embedded database has one connection, on which writers stand in line: there is no race to test. */
const onServer = inject("serverUrl") !== null;

describe.runIf(onServer)("many writers on one hot pool", () => {
  let database: TestDatabase;
  /** Transactions that were begun: what exceeds the calls was repeated after a deadlock. */
  let begun = 0;

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.db.withTx(ledgerFixture);
  });
  afterAll(() => database.close());

  const ctx = { clock: systemClock, ids: systemIds, config: { RETENTION_DAYS: 30 } };

  async function once(writer: number, round: number): Promise<"held" | "refused"> {
    const request = systemIds.next("req");
    const [here, there] = [DEPARTMENTS[(writer + round) % 4], DEPARTMENTS[(writer * 3 + round + 1) % 4]];
    // Parts in changing order, so that only the ledger's own order of locks prevents circles.
    const parts = [
      part(here ?? "gd.a.x", round % 2 === 0 ? "a-large" : "b-large", { VCPU: 2, MEMORY_GIB: 1 }),
      part(
        there ?? "gd.b.x",
        round % 2 === 0 ? "b-large" : "a-large",
        { MEMORY_GIB: 1, VCPU: 1 },
        "recovery",
      ),
    ];
    const outcome = await database.db.withTx((tx) => {
      begun += 1;
      return hold(tx, ctx, request, parts, plus(systemClock.now(), DAY_MS));
    });
    if (!outcome.held) return "refused";
    await database.db.withTx(async (tx) => {
      begun += 1;
      if ((writer + round) % 3 === 0) return void (await releaseHold(tx, ctx, outcome.holdId));
      const placements = new Map(parts.map(({ role }) => [role, systemIds.next("plc")]));
      await commitHold(tx, ctx, outcome.holdId, systemIds.next("ten"), placements);
    });
    return "held";
  }

  it("never gives more than there is, and nobody sees a deadlock", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const seen: string[] = [];
        for (let round = 0; round < HOLDS_EACH; round += 1) seen.push(await once(writer, round));
        return seen;
      }),
    );
    const all = outcomes.flat();
    const held = all.filter((outcome) => outcome === "held").length;
    expect(all).toHaveLength(WRITERS * HOLDS_EACH);
    // Both must occur, or the test would not show that the limit was reached.
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(all.length);
    expect(begun - all.length - held, "transactions repeated after a deadlock").toBe(0);
    expect(await brokenInvariants(database.db, LEDGER_INVARIANTS)).toEqual([]);
    const deadlocks = await database.db.withTx((tx) =>
      queryRows(tx, sql`SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()`),
    );
    expect(deadlocks).toEqual([{ n: 0 }]);
  });
});
