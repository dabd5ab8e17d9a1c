import { randomBytes } from "node:crypto";
import type { Deps } from "./app.ts";
import type { CloudRecord, RecordOf, Table } from "./records.ts";
import { Refusal } from "./refusal.ts";
import { DECLARATION, type Tables } from "./store.ts";

/** One call's view of one cloud; taken after the last await, so that nothing comes between reading and writing. */
export interface Scene {
  readonly cloud: CloudRecord;
  readonly tables: Tables;
  readonly now: number;
  /** Lists show the cloud as it was so long ago. */
  readonly lagMs: number;
  /** How long the cloud works on what it has accepted. */
  delayMs(): number;
  put<Name extends Table>(table: Name, id: string, row: RecordOf<Name> | null): void;
}

export const ACCOUNT = "210987654321";

type Setting = Pick<Deps, "store" | "delayMs" | "random">;

export function sceneOf({ store, delayMs, random }: Setting, id: string, lagMs = 0): Scene {
  const tables = store.tables(id);
  const cloud = tables.cloud.get(DECLARATION);
  if (cloud === undefined) throw new Refusal("InvalidEndpoint", `no cloud ${id}`, 404);
  return {
    cloud,
    tables,
    now: store.now(),
    lagMs,
    delayMs: () => delayMs.min + random() * (delayMs.max - delayMs.min),
    put: (table, rowId, row) => store.put(id, table, rowId, row),
  };
}

/** Rows that a list shows: with a lag, what is younger is not there yet. */
export function visible<Row extends { readonly createdAt: number }>(
  scene: Scene,
  rows: ReadonlyMap<string, Row>,
): Row[] {
  const all = [...rows.values()];
  return scene.lagMs === 0 ? all : all.filter((row) => row.createdAt <= scene.now - scene.lagMs);
}

export function newId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString("hex")}`;
}
