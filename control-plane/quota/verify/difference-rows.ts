import { type SQL, sql } from "drizzle-orm";
import { limitStatements, queryRows, type SqlRow, type Tx } from "../../db/tx.ts";
import { DIFFERENCES_MAX, type Findings } from "./invariant.ts";

/** Sums over a ledger of millions of rows take seconds, not the quarter of a minute that other work gets. */
const STATEMENT_MS = 120_000;

/** All later statements see one state of the database, and can change nothing; the transaction's first one. */
export async function seeOneState(tx: Tx): Promise<void> {
  await tx.execute(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`);
  await limitStatements(tx, STATEMENT_MS);
}

/** Rows of a statement with a column `place`; they are counted in the database and only the first come here. */
export async function differencesIn(tx: Tx, statement: SQL): Promise<Findings> {
  const rows = await queryRows(
    tx,
    sql`SELECT found.*, count(*) OVER () AS found_total FROM (${statement}) found
         ORDER BY found.place LIMIT ${DIFFERENCES_MAX}`,
  );
  const differences = rows.map(({ place, found_total: _, ...figures }) => ({
    place: String(place),
    figures: Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, plain(value)])),
  }));
  return { total: Number(rows[0]?.found_total ?? 0), differences };
}

/** A BIGINT and a sum of such come as text, which stays text where a number would not be exact. */
function plain(value: unknown): SqlRow[string] {
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
