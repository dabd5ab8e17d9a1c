import { sql } from "drizzle-orm";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestDatabase, type TestDatabase } from "../../tests/support/database.ts";
import { queryRows } from "../db/tx.ts";
import { DEAD_LETTERS, type JobQueue, openQueue } from "./queue.ts";

const KIND = "tenancy.reconcile";
let database: TestDatabase;
let queue: JobQueue;

beforeAll(async () => {
  database = await openTestDatabase();
  const { db, url } = database;
  const log = pino({ level: "silent" });
  queue = await openQueue({ db, databaseUrl: url ?? undefined, log, supervise: false });
});
afterAll(async () => {
  await queue.stop();
  await database.close();
});
beforeEach(() => database.db.withTx((tx) => tx.execute(sql`DELETE FROM jobs.job`)));

const wake = (key: string) => database.db.withTx((tx) => queue.wake(tx, KIND, key));
const count = async (name: string, key: string) =>
  (
    await database.db.withTx((tx) =>
      queryRows(tx, sql`SELECT id FROM jobs.job WHERE name = ${name} AND data->>'key' = ${key}`),
    )
  ).length;

test.each(["created", "active", "retry"])("a job that is %s is not woken a second time", async (state) => {
  await wake("ten_1");
  await database.db.withTx((tx) =>
    tx.execute(
      sql`UPDATE jobs.job SET state = ${state}::jobs.job_state, started_on = now() WHERE name = ${KIND}`,
    ),
  );
  await wake("ten_1");
  expect(await count(KIND, "ten_1")).toBe(1);
  await wake("ten_2");
  expect(await count(KIND, "ten_2")).toBe(1);
});

test.each(["completed", "failed"])("what is %s is woken again", async (state) => {
  await wake("ten_1");
  await database.db.withTx((tx) =>
    tx.execute(sql`UPDATE jobs.job SET state = ${state}::jobs.job_state WHERE name = ${KIND}`),
  );
  await wake("ten_1");
  expect(await count(KIND, "ten_1")).toBe(2);
});

test("what was begun long ago may have lost its worker, and is woken again", async () => {
  await wake("ten_1");
  await database.db.withTx((tx) =>
    tx.execute(sql`UPDATE jobs.job SET state = 'active', started_on = now() - interval '30 seconds'`),
  );
  await wake("ten_1");
  expect(await count(KIND, "ten_1")).toBe(2);
});

test("dead letters of one key are forgotten, and no others", async () => {
  for (const key of ["ten_1", "ten_1", "ten_2"]) {
    const data = JSON.stringify({ key, kind: KIND });
    await database.db.withTx((tx) =>
      tx.execute(sql`INSERT INTO jobs.job (name, data) VALUES (${DEAD_LETTERS}, ${data}::jsonb)`),
    );
  }
  await database.db.withTx((tx) => queue.forget(tx, "ten_1"));
  expect(await count(DEAD_LETTERS, "ten_1")).toBe(0);
  expect(await count(DEAD_LETTERS, "ten_2")).toBe(1);
});
