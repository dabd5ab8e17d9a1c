import { AsyncLocalStorage } from "node:async_hooks";
import { type ExtractTablesWithRelations, type SQL, sql } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from "drizzle-orm/pg-core";
import { fault } from "../kernel/fault.ts";
import { STATEMENT_CANCELLED, sqlStateOf, UNAVAILABLE_CODES } from "./errors.ts";
import type * as schema from "./schema/index.ts";

type Schema = typeof schema;
export type Handle = PgDatabase<PgQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

/** The only handle that reaches the tables. */
export type Tx = PgTransaction<PgQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

export type SqlRow = Record<string, unknown>;

/** The statement interface that the job queue brings its own SQL to. */
export type ExecuteSql = (text: string, values: unknown[]) => Promise<{ rows: SqlRow[] }>;

export interface Database {
  readonly kind: "pglite" | "postgres";
  /** Runs in one transaction; a deadlock or a serialization failure is repeated a few times. */
  withTx<Result>(run: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** One statement outside any transaction, for the job queue only. */
  readonly executeSql: ExecuteSql;
  close(): Promise<void>;
}

const inTransaction = new AsyncLocalStorage<true>();
const ATTEMPTS_MAX = 4;

/** Wraps a driver's handle; the handle itself never leaves this closure. */
export function database(
  kind: Database["kind"],
  handle: Handle,
  executeSql: ExecuteSql,
  close: () => Promise<void>,
): Database {
  return {
    kind,
    async withTx(run) {
      // The embedded database has one connection: a second transaction inside the first would wait for ever.
      if (inTransaction.getStore()) throw new Error("withTx inside withTx: use the tx that is already open");
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await inTransaction.run(true, () => handle.transaction((tx) => run(tx)));
        } catch (error) {
          if (isRepeatable(error) && attempt < ATTEMPTS_MAX) continue;
          throw translated(error);
        }
      }
    },
    executeSql: (text, values) => executeSql(text, values),
    close,
  };
}

/** Rows of a hand-written statement, alike for both drivers. */
export async function queryRows(tx: Tx, statement: SQL): Promise<SqlRow[]> {
  const answer: unknown = await tx.execute(statement);
  if (Array.isArray(answer)) return answer;
  return (answer as { rows: SqlRow[] }).rows;
}

/** Bounds every later statement of this transaction. */
export async function limitStatements(tx: Tx, milliseconds: number): Promise<void> {
  await tx.execute(sql`SELECT set_config('statement_timeout', ${String(milliseconds)}, true)`);
}

/** Lets the job queue write inside the caller's transaction. */
export function executeSqlIn(tx: Tx): ExecuteSql {
  return async (text, values) => ({ rows: await queryRows(tx, statementOf(text, values)) });
}

/** Turns `$1` text into a Drizzle statement, the one form that both drivers take inside a transaction. */
function statementOf(text: string, values: readonly unknown[]): SQL {
  const pieces = text.split(/\$(\d+)/);
  return sql.join(
    pieces.map((piece, index) =>
      index % 2 === 0 ? sql.raw(piece) : sql`${plain(values[Number(piece) - 1])}`,
    ),
  );
}

/** Drivers disagree on objects and dates as parameters, but not on their text. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  return value ?? null;
}

function isRepeatable(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === "40001" || state === "40P01";
}

function translated(error: unknown): unknown {
  const state = sqlStateOf(error);
  if (state === undefined) return error;
  if (UNAVAILABLE_CODES.has(state) || state.startsWith("08") || state.startsWith("57P")) {
    return fault("database.unavailable", {}, { cause: error });
  }
  // Out of time, out of locks, out of connections: nothing was decided.
  if ([STATEMENT_CANCELLED, "55P03", "53300", "40001", "40P01"].includes(state))
    return fault("database.busy", {}, { cause: error });
  return error;
}
