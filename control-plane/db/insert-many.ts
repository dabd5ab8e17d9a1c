import { getTableColumns, type InferInsertModel, type SQL, sql } from "drizzle-orm";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { given, type Statement, statement } from "./statement.ts";
import { sendAhead, type Tx } from "./tx.ts";

/**
 * Inserts any number of rows by one statement whose text is always the same, so that it is planned once. All rows
 * have the fields of the first; what none of them has takes the default of the database. Nobody waits for the answer.
 */
export function insertRows<Table extends PgTable>(
  tx: Tx,
  table: Table,
  rows: readonly InferInsertModel<Table>[],
): void {
  const [first] = rows;
  if (first === undefined) return;
  sendAhead(tx, insertionOf(table, Object.keys(first))(tx, { rows: JSON.stringify(rows) }));
}

const insertions = new WeakMap<PgTable, Map<string, Statement<"rows">>>();

function insertionOf(table: PgTable, keys: readonly string[]): Statement<"rows"> {
  const ofTable = insertions.get(table) ?? new Map<string, Statement<"rows">>();
  insertions.set(table, ofTable);
  const name = keys.join();
  const insertion = ofTable.get(name) ?? statement<"rows">(insertOf(table, keys, given("rows")));
  ofTable.set(name, insertion);
  return insertion;
}

/** The same as a part of a statement; `rows` is their JSON, `then` what follows: what to do where one is there already. */
export function insertOf(table: PgTable, keys: readonly string[], rows: SQL, then: SQL = sql``): SQL {
  const fields = fieldsOf(table).filter(({ key }) => keys.includes(key));
  const list = sql.raw(fields.map(({ name }) => `"${name}"`).join(", "));
  const shape = sql.raw(fields.map(({ key, type }) => `"${key}" ${type}`).join(", "));
  const values = sql.raw(fields.map(({ key }) => `"${key}"`).join(", "));
  return sql`
    INSERT INTO ${sql.identifier(getTableConfig(table).name)} (${list})
    SELECT ${values} FROM json_to_recordset(${rows}::text::json) AS new_row (${shape}) ${then}`;
}

interface Field {
  readonly key: string;
  readonly name: string;
  readonly type: string;
}

function fieldsOf(table: PgTable): Field[] {
  return Object.entries(getTableColumns(table)).map(([key, column]) => ({
    key,
    name: column.name,
    type: column.getSQLType(),
  }));
}
