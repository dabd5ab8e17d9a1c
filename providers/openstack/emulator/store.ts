import { join } from "node:path";
import { type Journal, memoryJournal, readJournal, startJournal } from "../../emulation/journal.ts";
import type { Tables } from "./records.ts";

type TableName = keyof Tables;

export interface Features {
  readonly routers: boolean;
  readonly volumes: boolean;
}

/** One cloud: read freely, changed only by `put` and `drop`, which are on disk before they are seen. */
export interface CloudState {
  readonly id: string;
  /** What the cloud has beyond the services without which nothing goes; declared, and not kept. */
  features: Features;
  now(): number;
  get<Name extends TableName>(table: Name, id: string): Tables[Name] | undefined;
  all<Name extends TableName>(table: Name): Tables[Name][];
  entries<Name extends TableName>(table: Name): [string, Tables[Name]][];
  put<Name extends TableName>(table: Name, id: string, value: Tables[Name]): void;
  drop(table: TableName, id: string): void;
  close(): void;
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
  let journal: Journal<Line> = memoryJournal;
  if (dataDir !== null) {
    const file = join(dataDir, `openstack-${cloudId}.jsonl`);
    for (const line of readJournal(file, asLine)) apply(line);
    journal = startJournal(file, linesOf(tables));
  }
  const keep = (line: Line) => {
    journal.append(line);
    apply(line);
  };
  return {
    id: cloudId,
    features: { routers: false, volumes: false },
    now: () => clock.now().getTime(),
    get: (table, id) => typed(tableOf(table).get(id)),
    all: (table) => [...tableOf(table).values()].map(typed),
    entries: (table) => [...tableOf(table)].map(([id, record]) => [id, typed(record)]),
    put: (table, id, value) => keep({ table, id, value }),
    drop: (table, id) => keep({ table, id, value: null }),
    close: () => journal.close(),
  };
}

/** The journal holds what this process, or one of the same version, has put there. */
function asLine(json: unknown): Line {
  return json as Line;
}

/** A table holds what `put` has put there, and `put` takes each table's own records only. */
function typed(record: Tables[TableName] | undefined): never {
  return record as never;
}

function* linesOf(tables: ReadonlyMap<TableName, ReadonlyMap<string, Tables[TableName]>>): Generator<Line> {
  for (const [table, records] of tables) {
    for (const [id, value] of records) yield { table, id, value };
  }
}
