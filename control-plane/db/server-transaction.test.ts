import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openFreshDatabase, type TestDatabase } from "../../tests/support/database.ts";
import { queryRows, sendAhead, type Tx } from "./tx.ts";

/** More than the driver hands to one connection at a time: the others wait in line. */
const STATEMENTS = 250;

describe.runIf(inject("serverUrl") !== null)("a transaction whose connection is lost", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openFreshDatabase();
  });
  afterAll(() => database.close());

  const texts = () =>
    database.db.read((tx) => queryRows(tx, sql`SELECT count(*)::int AS count FROM shared_texts`));
  const keep = (tx: Tx, digest: string) =>
    sendAhead(tx, tx.execute(sql`INSERT INTO shared_texts (digest, text) VALUES (${digest}, '')`));

  it("leaves nothing, also of what it had not sent yet, and takes nobody along", async () => {
    const lost = database.db.withTx(async (tx) => {
      await queryRows(tx, sql`SELECT 1`);
      sendAhead(tx, tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`));
      for (let at = 0; at < STATEMENTS; at += 1) keep(tx, String(at));
    });
    await expect(lost).rejects.toMatchObject({ code: "database.unavailable" });
    // By the connection that was opened in its place.
    await database.db.withTx(async (tx) => keep(tx, "afterwards"));
    expect(await texts()).toEqual([{ count: 1 }]);
  });

  it("is told apart from one that fails, which is rolled back as a whole", async () => {
    const failed = database.db.withTx(async (tx) => {
      keep(tx, "before");
      sendAhead(tx, tx.execute(sql`SELECT 1 / 0`));
      keep(tx, "behind");
    });
    await expect(failed).rejects.toMatchObject({ cause: { code: "22012" } });
    expect(await texts()).toEqual([{ count: 1 }]);
  });
});
