import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { Stored } from "./objects.ts";
import type { Resource } from "./resources.ts";

/** One change, with what was there before: lists of yesterday and watches are made from these. */
export interface Event {
  readonly version: number;
  readonly at: number;
  readonly resource: string;
  readonly before: Stored | null;
  readonly after: Stored | null;
}

/** The objects of one cluster, as etcd keeps them: every change has a number of its own. */
export interface Store {
  readonly version: () => number;
  get(resource: Resource, namespace: string | null, name: string): Stored | null;
  /** In the order of their keys. */
  list(resource: Resource, namespace: string | null): Stored[];
  /** Gives the object its new version. @returns it as it is now kept */
  put(resource: Resource, object: Stored): Stored;
  remove(resource: Resource, object: Stored): Stored;
  /** Newest last; null where so old an event is no longer known. */
  since(version: number): readonly Event[] | null;
  /** Those after a moment, as far as they are known. */
  after(at: number): readonly Event[];
  /** Forgets every event: what watched from or paged over an older version has to begin again. */
  compact(): void;
  onChange(listener: (event: Event) => void): () => void;
  close(): void;
}

const EVENTS_KEPT = 20_000;

/** `file` null keeps everything in memory only. */
export function openStore(file: string | null, now: () => number): Store {
  const tables = new Map<string, Map<string, Stored>>();
  const listeners = new Set<(event: Event) => void>();
  let events: Event[] = [];
  let version = 0;
  let oldest = 0;
  for (const { resource, key, object, at } of file === null ? [] : replay(file)) {
    version = Math.max(version, at);
    if (object === null) tableOf(tables, resource).delete(key);
    else tableOf(tables, resource).set(key, object);
  }
  oldest = version;
  const log = file === null ? null : startLog(file, tables, version);

  const commit = (resource: Resource, object: Stored, gone: boolean): Stored => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const table = tableOf(tables, nameOf(resource));
    const key = keyOf(object.metadata.namespace ?? null, object.metadata.name);
    const before = table.get(key) ?? null;
    const after = gone ? null : stored;
    log?.append({ resource: nameOf(resource), key, object: after, at: version });
    if (after === null) table.delete(key);
    else table.set(key, after);
    const event = { version, at: now(), resource: nameOf(resource), before, after };
    events.push(event);
    if (events.length > EVENTS_KEPT) {
      events = events.slice(-EVENTS_KEPT / 2);
      oldest = (events[0]?.version ?? version) - 1;
    }
    for (const listener of [...listeners]) listener(event);
    return stored;
  };

  return {
    version: () => version,
    get: (resource, namespace, name) => tableOf(tables, nameOf(resource)).get(keyOf(namespace, name)) ?? null,
    list: (resource, namespace) => sorted(tableOf(tables, nameOf(resource)), namespace),
    put: (resource, object) => commit(resource, object, false),
    remove: (resource, object) => commit(resource, object, true),
    since: (from) => (from < oldest ? null : events.filter((event) => event.version > from)),
    after: (at) => events.filter((event) => event.at > at),
    compact() {
      events = [];
      oldest = version;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => log?.close(),
  };
}

export function nameOf({ group, plural }: Resource): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** As etcd sorts them; a zero byte comes before every letter. */
export function keyOf(namespace: string | null, name: string): string {
  return namespace === null ? name : `${namespace}/${name}`;
}

function tableOf(tables: Map<string, Map<string, Stored>>, resource: string): Map<string, Stored> {
  const table = tables.get(resource) ?? new Map<string, Stored>();
  tables.set(resource, table);
  return table;
}

function sorted(table: ReadonlyMap<string, Stored>, namespace: string | null): Stored[] {
  return [...table]
    .filter(([, object]) => namespace === null || object.metadata.namespace === namespace)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, object]) => object);
}

interface Line {
  readonly resource: string;
  readonly key: string;
  readonly object: Stored | null;
  readonly at: number;
}

function replay(file: string): Line[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  // The last one has no end where the process was killed in the middle of it: it was never acknowledged.
  return lines.slice(0, -1).map((line) => {
    const { resource, key, object, at } = JSON.parse(line);
    return { resource, key, at, object: object === null ? null : Stored.parse(object) };
  });
}

/** Begins with what there is, so that the log does not grow from start to start. */
function startLog(file: string, tables: ReadonlyMap<string, ReadonlyMap<string, Stored>>, version: number) {
  mkdirSync(dirname(file), { recursive: true });
  const lines = [...tables].flatMap(([resource, table]) =>
    [...table].map(([key, object]) => `${JSON.stringify({ resource, key, object, at: version })}\n`),
  );
  writeFileSync(`${file}.new`, lines.join(""));
  renameSync(`${file}.new`, file);
  const handle = openSync(file, "a");
  return {
    append: (line: Line) => writeSync(handle, `${JSON.stringify(line)}\n`),
    close: () => closeSync(handle),
  };
}
