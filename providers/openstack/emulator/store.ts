import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tables } from "./records.ts";

type TableName = keyof Tables;

/** One cloud: read freely, changed only by `put` and `drop`, which are on disk before they are seen. */
export interface CloudState {
  readonly id: string;
  now(): number;
  get<Name extends TableName>(table: Name, id: string): Tables[Name] | undefined;
  all<Name extends TableName>(table: Name): Tables[Name][];
  entries<Name extends TableName>(table: Name): [string, Tables[Name]][];
  put<Name extends TableName>(table: Name, id: string, value: Tables[Name]): void;
  drop(table: TableName, id: string): void;
}

/** One line of the journal; a null value is a removal. */
interface Line {
  readonly table: TableName;
  readonly id: string;
  readonly value: Tables[TableName] | null;
}

/** A cloud in memory, with a journal in the folder where one is given. */
export function openState(cloudId: string, dataDir: string | null, clock: { now(): Date }): CloudState {
  const tables = new Map<TableName, Map<string, Tables[TableName]>>();
  const tableOf = (name: TableName) => {
    const table = tables.get(name) ?? new Map<string, Tables[TableName]>();
    tables.set(name, table);
    return table;
  };
  const apply = ({ table, id, value }: Line) => {
    if (value === null) tableOf(table).delete(id);
    else tableOf(table).set(id, value);
  };
  const file = dataDir === null ? null : join(dataDir, `openstack-${cloudId}.jsonl`);
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
  if (file !== null && existsSync(file)) {
    for (const line of linesOf(file)) apply(line);
    compact(file, tables);
  }
  const keep = (line: Line) => {
    if (file !== null) appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    apply(line);
  };
  return {
    id: cloudId,
    now: () => clock.now().getTime(),
    get: (table, id) => typed(tableOf(table).get(id)),
    all: (table) => [...tableOf(table).values()].map(typed),
    entries: (table) => [...tableOf(table)].map(([id, record]) => [id, typed(record)]),
    put: (table, id, value) => keep({ table, id, value }),
    drop: (table, id) => keep({ table, id, value: null }),
  };
}

/** A table holds what `put` has put there, and `put` takes each table's own records only. */
function typed(record: Tables[TableName] | undefined): never {
  return record as never;
}

/** A last line without its end was never acknowledged and is left out. */
function linesOf(file: string): Line[] {
  const lines = readFileSync(file, "utf8").split("\n");
  lines.pop();
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as Line;
    } catch (cause) {
      throw new Error(`${file} line ${index + 1} is damaged`, { cause });
    }
  });
}

function compact(file: string, tables: ReadonlyMap<TableName, ReadonlyMap<string, Tables[TableName]>>): void {
  let text = "";
  for (const [table, records] of tables) {
    for (const [id, value] of records) text += `${JSON.stringify({ table, id, value })}\n`;
  }
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
