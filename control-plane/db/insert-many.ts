import { getTableColumns, type InferInsertModel, type SQL, sql } from "drizzle-orm";
import { getTableConfig, type PgTable } from "drizzle-orm/pg-core";
import { sendAhead, type Tx } from "./tx.ts";

/**
 * Inserts any number of rows by one statement whose text is always the same, so that it is planned once. All rows
 * have the fields of the first; what none of them has takes the default of the database. Nobody waits for the answer.
 * `then` follows the rows: what to do where one is there already, for example.
 */
export function insertRows<Table extends PgTable>(
  tx: Tx,
  table: Table,
  rows: readonly InferInsertModel<Table>[],
  then: SQL = sql``,
): void {
  const [first] = rows;
  if (first === undefined) return;
  const fields = columnsOf(table).filter(({ key }) => Object.hasOwn(first, key));
  const list = sql.raw(fields.map(({ name }) => `"${name}"`).join(", "));
  const shape = sql.raw(fields.map(({ key, type }) => `"${key}" ${type}`).join(", "));
  const values = sql.raw(fields.map(({ key }) => `"${key}"`).join(", "));
  sendAhead(
    tx,
    tx.execute(sql`
      INSERT INTO ${sql.identifier(getTableConfig(table).name)} (${list})
      SELECT ${values} FROM json_to_recordset(${JSON.stringify(rows)}::text::json) AS new_row (${shape}) ${then}`),
  );
}

interface Field {
  readonly key: string;
  readonly name: string;
  readonly type: string;
}

const known = new WeakMap<PgTable, readonly Field[]>();

function columnsOf(table: PgTable): readonly Field[] {
  const before = known.get(table);
  if (before !== undefined) return before;
  const fields = Object.entries(getTableColumns(table)).map(([key, column]) => ({
    key,
    name: column.name,
    type: column.getSQLType(),
  }));
  known.set(table, fields);
  return fields;
}
