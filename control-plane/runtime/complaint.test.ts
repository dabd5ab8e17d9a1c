import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openFreshDatabase } from "../../tests/support/database.ts";
import { migrateServer, NotMigrated, requireMigrated } from "../db/open.ts";
import { fault } from "../kernel/fault.ts";
import { CommandError } from "./commands.ts";
import { complaintOf } from "./complaint.ts";

async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

it("says what is wrong with the input and in which field", () => {
  const issues = [{ path: "grants", message: "a new account needs at least one grant" }];
  expect(complaintOf(fault("http.invalid_input", { issues }))).toMatch(
    /^ {2}grants: a new account needs at least one grant\nhttp\.invalid_input: .+ \/ Invalid input$/,
  );
  expect(complaintOf(fault("organization.unknown", { organizationId: "gd-x" }))).toContain(
    '  organizationId: "gd-x"\n',
  );
  expect(complaintOf(new CommandError("days: expected number"))).toBe("days: expected number");
});

it("names a file that is not there", async () => {
  expect(complaintOf(await thrownBy(() => readFileSync("/nowhere/export.jsonl")))).toBe(
    "ENOENT: no such file or directory, open '/nowhere/export.jsonl'",
  );
});

it("says that the database is not there, and not which statement met it first", async () => {
  const complaint = complaintOf(await thrownBy(() => migrateServer("postgres://x@127.0.0.1:1/x")));
  expect(complaint).toMatch(/^数据库无法连接 \/ The database cannot be reached: .*127\.0\.0\.1:1/);
  expect(complaint).not.toContain("pg_advisory_lock");
});

it("passes on why a server refuses, out of whatever it is wrapped in", () => {
  const refusal = Object.assign(new Error('database "nodb" does not exist'), { code: "3D000" });
  expect(complaintOf(new Error("Failed query: SELECT 1", { cause: refusal }))).toBe(
    '数据库拒绝连接 / The database refuses: database "nodb" does not exist',
  );
});

it("asks for the migration of a database that lacks it", async () => {
  const { db, close } = await openFreshDatabase();
  try {
    await requireMigrated(db);
    await db.executeSql("DELETE FROM drizzle.__drizzle_migrations WHERE id > 1", []);
    await expect(requireMigrated(db)).rejects.toBeInstanceOf(NotMigrated);
    await db.executeSql("DROP SCHEMA drizzle CASCADE", []);
    expect(complaintOf(await thrownBy(() => requireMigrated(db)))).toContain("run yunheng migrate");
  } finally {
    await close();
  }
});

it("leaves what nobody outside can mend to its stack", () => {
  expect(complaintOf(new TypeError("x is not a function"))).toBeNull();
});
