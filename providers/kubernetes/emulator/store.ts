import { z } from "zod";
import { type Journal, memoryJournal, readJournal, startJournal } from "../../emulation/journal.ts";
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
  for (const { resource, key, object, at } of read(file)) {
    version = Math.max(version, at);
    if (object === null) tableOf(tables, resource).delete(key);
    else tableOf(tables, resource).set(key, object);
  }
  oldest = version;
  const journal: Journal<Line> = file === null ? memoryJournal : startJournal(file, linesOf(tables, version));

  const commit = (resource: Resource, object: Stored, gone: boolean): Stored => {
    version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    const table = tableOf(tables, nameOf(resource));
    const key = keyOf(object.metadata.namespace ?? null, object.metadata.name);
    const before = table.get(key) ?? null;
    const after = gone ? null : stored;
    journal.append({ resource: nameOf(resource), key, object: after, at: version });
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
    close: () => journal.close(),
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

function read(file: string | null): Line[] {
  return file === null ? [] : readJournal(file, (json) => Line.parse(json));
}

const Line = z.object({
  resource: z.string(),
  key: z.string(),
  object: Stored.nullable(),
  at: z.number(),
});
type Line = z.output<typeof Line>;

function* linesOf(
  tables: ReadonlyMap<string, ReadonlyMap<string, Stored>>,
  version: number,
): Generator<Line> {
  for (const [resource, table] of tables) {
    for (const [key, object] of table) yield { resource, key, object, at: version };
  }
}
