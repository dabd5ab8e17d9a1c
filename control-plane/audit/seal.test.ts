import { EventEmitter, once } from "node:events";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type TestApp, testApp } from "../../tests/support/app.ts";
import { sampleKey, streamed } from "../../tests/support/sample-export.ts";
import { sealCommitted } from "../../tests/support/sealing.ts";
import type { Caller } from "../context.ts";
import { queryRows, type Tx } from "../db/tx.ts";
import { MINUTE_MS } from "../kernel/clock.ts";
import { exportAudit } from "./export.ts";
import { record } from "./record.ts";
import { sealAudit, sealBatch } from "./seal.ts";
import { verifyExport } from "./verify-export.ts";

let harness: TestApp;
const key = sampleKey(1);
const caller: Caller = {
  actor: { accountId: null, name: "system", organizationId: null, grants: [] },
  requestId: "test",
  sourceAddress: null,
};

beforeEach(async () => {
  harness = await testApp();
});
afterEach(() => harness.close());

const write = (tx: Tx, ...targets: string[]) =>
  record(
    tx,
    { ...caller, clock: harness.clock, ids: harness.app.ids },
    targets.map((targetId) => ({ action: "cloud.probe", targetType: "cloud", targetId })),
  );
const writeNow = (...targets: string[]) => harness.app.db.withTx((tx) => write(tx, ...targets));

/** Targets in the order of the chain. */
async function chain(): Promise<unknown[]> {
  const rows = await harness.app.db.withTx((tx) =>
    queryRows(
      tx,
      sql`SELECT target_id FROM audit_seals JOIN audit_entries ON audit_entries.id = entry_id ORDER BY seq`,
    ),
  );
  return rows.map(({ target_id }) => target_id);
}

const checkpoints = () =>
  harness.app.db.withTx((tx) => queryRows(tx, sql`SELECT seq FROM audit_checkpoints ORDER BY seq`));

async function exported(range: { from?: string; to?: string } = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportAudit(harness.app, caller, key, range)) lines.push(line);
  return lines;
}

/** An entry as if another transaction had written it. */
async function writeAs(transactionId: string, targetId: string): Promise<void> {
  await harness.app.db.withTx((tx) =>
    queryRows(
      tx,
      sql`INSERT INTO audit_entries (id, transaction_id, at, actor, action, outcome, target_type, target_id, request_id)
          VALUES (${harness.app.ids.next("aud")}, ${transactionId}::xid8, now(),
                  '{"accountId":null,"name":"system","roles":[]}', 'cloud.probe', 'succeeded', 'cloud', ${targetId},
                  'test')`,
    ),
  );
}

describe("sealing", () => {
  it("chains what was committed, in order, and does nothing when there is nothing new", async () => {
    expect(await sealCommitted(harness.app, key)).toBe(0);
    await writeNow("a", "b");
    await writeNow("c");
    expect(await sealCommitted(harness.app, key)).toBe(3);
    expect(await sealCommitted(harness.app, key)).toBe(0);
    await writeNow("d");
    expect(await sealCommitted(harness.app, key)).toBe(1);
    expect(await chain()).toEqual(["a", "b", "c", "d"]);
    expect(await verifyExport(streamed(await exported()))).toMatchObject({ ok: true, count: 4 });
  });

  it("leaves the entries of an open transaction for the next time", async () => {
    await writeNow("a");
    await sealCommitted(harness.app, key);
    await harness.app.db.withTx(async (tx) => {
      await write(tx, "open");
      expect(await sealBatch(tx, harness.app, key, false)).toBe(0);
      expect(await sealBatch(tx, harness.app, key, true)).toBe(0);
    });
    expect(await chain()).toEqual(["a"]);
    expect(await sealCommitted(harness.app, key)).toBe(1);
    expect(await chain()).toEqual(["a", "open"]);
  });

  it("goes through a long backlog in batches, with one chain", async () => {
    const targets = Array.from({ length: 1101 }, (_, index) => `t${index}`);
    await writeNow(...targets);
    expect(await sealCommitted(harness.app, key)).toBe(1101);
    expect(await chain()).toEqual(targets);
    expect(await verifyExport(streamed(await exported()))).toMatchObject({ ok: true, count: 1101 });
  });

  it("an export on the command line takes the range as it is typed", async () => {
    await writeNow("a", "b", "c");
    await sealCommitted(harness.app, key);
    const verdict = await verifyExport(streamed(await exported({ from: "2", to: "3" })));
    expect(verdict).toMatchObject({ ok: true, range: { firstSeq: 2, lastSeq: 3 } });
    await expect(exported({ from: "soon" })).rejects.toMatchObject({ code: "http.invalid_input" });
    await expect(exported({ from: "4" })).rejects.toMatchObject({ code: "http.invalid_input" });
  });

  it("signs a checkpoint once a minute, and at once when told to", async () => {
    await writeNow("a");
    await sealCommitted(harness.app, key);
    await writeNow("b");
    await sealCommitted(harness.app, key);
    expect(await checkpoints()).toHaveLength(1);
    harness.clock.advance(MINUTE_MS);
    // Nothing new is sealed, but row 2 is not covered yet.
    await sealCommitted(harness.app, key);
    await sealCommitted(harness.app, key, { force: true });
    expect(await checkpoints()).toHaveLength(2);
    await writeNow("c");
    await sealCommitted(harness.app, key, { force: true });
    expect((await checkpoints()).map(({ seq }) => Number(seq))).toEqual([1, 2, 3]);
    const verdict = await verifyExport(streamed(await exported()), { trustedPublicKey: key.publicKey });
    expect(verdict).toMatchObject({ ok: true, checkpointsVerified: 3 });
  });

  it("several workers at once seal every entry once", async () => {
    await writeNow(...Array.from({ length: 40 }, (_, index) => `t${index}`));
    const counts = await Promise.all(Array.from({ length: 4 }, () => sealAudit(harness.app, key)));
    const rest = await sealCommitted(harness.app, key);
    expect(counts.reduce((sum, count) => sum + count, rest)).toBe(40);
    expect(await verifyExport(streamed(await exported()))).toMatchObject({ ok: true, count: 40 });
  });

  it("passes over nothing after a restore, where transactions are numbered anew", async () => {
    await writeAs("900000000", "sealed before");
    await sealCommitted(harness.app, key);
    await writeAs("900000001", "not sealed before");
    await writeNow("after the restore");
    expect(await sealCommitted(harness.app, key)).toBe(2);
    await writeNow("later");
    expect(await sealCommitted(harness.app, key)).toBe(1);
    expect(await chain()).toEqual(["sealed before", "not sealed before", "after the restore", "later"]);
    // Behind the end of the chain in order, and yet without a seal: a worker's start finds it.
    await writeAs("3", "passed over");
    expect(await sealCommitted(harness.app, key)).toBe(0);
    expect(await sealCommitted(harness.app, key, { force: true })).toBe(1);
  });
});

// The embedded database has one connection, so that transactions cannot overlap there.
describe.runIf(inject("serverUrl") !== null)("sealing beside open transactions", () => {
  it("waits for an older transaction instead of passing over its entries", async () => {
    const door = new EventEmitter();
    const begun = once(door, "begun");
    const slow = harness.app.db.withTx(async (tx) => {
      await write(tx, "slow");
      const opened = once(door, "opened");
      door.emit("begun");
      await opened;
    });
    await begun;
    await writeNow("quick");
    expect(await sealAudit(harness.app, key)).toBe(0);
    door.emit("opened");
    await slow;
    expect(await sealCommitted(harness.app, key)).toBe(2);
    expect(await chain()).toEqual(["slow", "quick"]);
  });
});
