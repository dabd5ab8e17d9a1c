import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerDatabase, startServerDatabase } from "../support/server-database.ts";
import { race } from "./race.ts";

/** A reduced run; `npm run test:race` is the whole. The server is its own, for it is stopped in the middle. */
let server: ServerDatabase;

beforeAll(async () => {
  server = await startServerDatabase();
});
afterAll(() => server.stop());

const SMALL = { writers: 4, connections: 4, operations: 400, kills: 3, restarts: 1 };

test("writers that are killed and a database that is stopped leave nothing wrong behind", async () => {
  const report = await race(server, { ...SMALL, omit: "none" });
  expect(report.wrong).toEqual([]);
  expect(report).toMatchObject({ kills: SMALL.kills, restarts: SMALL.restarts });
  expect(report.tally.operations).toBeGreaterThanOrEqual(SMALL.operations);
  expect(report.tally.repeatedKeys).toBeGreaterThan(0);
  expect(report.tally).toMatchObject({ serializationFailures: 0, deadlocks: 0 });
});

test("without locks the race finds it", async () => {
  const report = await race(server, { ...SMALL, kills: 0, restarts: 0, omit: "locks" });
  expect(report.wrong.join("\n")).toContain("pool-counters-equal-ledger");
});

test("without idempotency keys the race finds it", async () => {
  const report = await race(server, { ...SMALL, kills: 0, restarts: 0, omit: "keys" });
  expect(report.wrong.join("\n")).toMatch(/key-\d+ was answered with \d+ requests/);
});
