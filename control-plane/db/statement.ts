import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { rowsIn, type SqlRow, type Tx } from "./tx.ts";

const DIALECT = new PgDialect();

/** Carries a statement out with these values for the names in it. */
export type Statement<Name extends string> = (
  tx: Tx,
  values: Readonly<Record<Name, unknown>>,
) => Promise<SqlRow[]>;

/**
 * A hand-written statement whose text is made once, with `given(name)` where values go. For what every claim and
 * submission sends: making the text anew takes longer than sending it.
 */
export function statement<Name extends string>(template: SQL): Statement<Name> {
  const query = DIALECT.sqlToQuery(template);
  return async (tx, values) =>
    rowsIn(await tx._.session.prepareQuery(query, undefined, undefined, false).execute(values));
}

/** The place of a value in a `statement`. */
export function given(name: string): SQL {
  return sql`${sql.placeholder(name)}`;
}
