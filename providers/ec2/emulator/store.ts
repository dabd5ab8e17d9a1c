import { join } from "node:path";
import { z } from "zod";
import { type Journal, memoryJournal, readJournal, startJournal } from "../../emulation/journal.ts";
import { type RecordOf, TABLE_NAMES, TABLES, type Table } from "./records.ts";

const FILE_NAME = "ec2-clouds.jsonl";

const Line = z.strictObject({
  cloud: z.string().min(1),
  table: z.enum(TABLE_NAMES),
  id: z.string().min(1),
  row: z.unknown(),
});
type Line = z.infer<typeof Line>;

export type Rows<Name extends Table> = Map<string, RecordOf<Name>>;
export type Tables = { readonly [Name in Table]: Rows<Name> };

/** All clouds of one server: read freely, changed by `put` alone, which writes to disk first. */
export interface Store {
  now(): number;
  cloudIds(): string[];
  tables(cloud: string): Tables;
  /** Null removes the row. */
  put<Name extends Table>(cloud: string, table: Name, id: string, row: RecordOf<Name> | null): void;
  close(): void;
}

/** The only row of the table `cloud`. */
export const DECLARATION = "declaration";

/** Reads and compacts the journal of `dataDir`; null keeps everything in memory only. */
export function openStore(dataDir: string | null, clock: { now(): Date }): Store {
  const clouds = new Map<string, Tables>();
  const tables = (cloud: string): Tables => {
    const known = clouds.get(cloud);
    if (known !== undefined) return known;
    const made = emptyTables();
    clouds.set(cloud, made);
    return made;
  };
  let journal: Journal<Line> = memoryJournal;
  if (dataDir !== null) {
    const file = join(dataDir, FILE_NAME);
    for (const line of readJournal(file, (json) => Line.parse(json))) load(tables(line.cloud), line);
    journal = startJournal(file, linesOf(clouds));
  }
  return {
    now: () => clock.now().getTime(),
    cloudIds: () => [...clouds].filter(([, of]) => of.cloud.has(DECLARATION)).map(([id]) => id),
    tables,
    put(cloud, table, id, row) {
      journal.append({ cloud, table, id, row });
      keep(tables(cloud)[table], id, row);
    },
    close: () => journal.close(),
  };
}

function emptyTables(): Tables {
  return {
    cloud: new Map(),
    vpc: new Map(),
    subnet: new Map(),
    group: new Map(),
    template: new Map(),
    instance: new Map(),
    volume: new Map(),
    session: new Map(),
  };
}

function keep<Row>(rows: Map<string, Row>, id: string, row: Row | null): void {
  if (row === null) rows.delete(id);
  else rows.set(id, row);
}

function load(tables: Tables, { table, id, row }: Line): void {
  const read = <Name extends Table>(name: Name, parsed: RecordOf<Name> | null) =>
    keep<RecordOf<Name>>(tables[name], id, parsed);
  // One by one, because the compiler cannot see that a table and its schema belong together.
  const parse = {
    cloud: () => read("cloud", TABLES.cloud.nullable().parse(row)),
    vpc: () => read("vpc", TABLES.vpc.nullable().parse(row)),
    subnet: () => read("subnet", TABLES.subnet.nullable().parse(row)),
    group: () => read("group", TABLES.group.nullable().parse(row)),
    template: () => read("template", TABLES.template.nullable().parse(row)),
    instance: () => read("instance", TABLES.instance.nullable().parse(row)),
    volume: () => read("volume", TABLES.volume.nullable().parse(row)),
    session: () => read("session", TABLES.session.nullable().parse(row)),
  } satisfies Record<Table, () => void>;
  parse[table]();
}

function* linesOf(clouds: ReadonlyMap<string, Tables>): Generator<Line> {
  for (const [cloud, tables] of clouds) {
    for (const table of TABLE_NAMES) {
      for (const [id, row] of tables[table]) yield { cloud, table, id, row };
    }
  }
}
