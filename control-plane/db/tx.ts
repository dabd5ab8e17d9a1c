import { AsyncLocalStorage } from "node:async_hooks";
import { type SQL, sql } from "drizzle-orm";
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from "drizzle-orm/pg-core";
import { fault } from "../kernel/fault.ts";
import { STATEMENT_CANCELLED, sqlStateOf, UNAVAILABLE_CODES } from "./errors.ts";

/** Tables are named where they are used; told of a schema, Drizzle would make a builder of each for every transaction. */
type NoSchema = Record<string, never>;
type AnyDatabase = PgDatabase<PgQueryResultHKT, NoSchema, NoSchema>;

/** What this program needs of Drizzle beside a transaction: to begin one. */
export interface Handle {
  transaction<Result>(run: (tx: Tx) => Promise<Result>): Promise<Result>;
}

/** Both drivers build on Drizzle's `PgDatabase` and differ only in what raw results look like. */
export function asHandle(handle: unknown): Handle {
  return handle as AnyDatabase;
}

/** The only handle that reaches the tables. */
export type Tx = PgTransaction<PgQueryResultHKT, NoSchema, NoSchema>;

export type SqlRow = Record<string, unknown>;

/** The statement interface that the job queue brings its own SQL to. */
export type ExecuteSql = (text: string, values: unknown[]) => Promise<{ rows: SqlRow[] }>;

export interface Database {
  readonly kind: "pglite" | "postgres";
  /** Runs in one transaction; a deadlock or a serialization failure is repeated a few times. */
  withTx<Result>(run: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** The same for what changes nothing, and so makes nobody read anything again. */
  read<Result>(run: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** How many transactions of this process may have changed something. */
  readonly writes: number;
  /** One statement outside any transaction, for the job queue only. */
  readonly executeSql: ExecuteSql;
  close(): Promise<void>;
}

const ATTEMPTS_MAX = 4;

type Committing = <Result>(run: (tx: Tx) => Promise<Result>) => Promise<Result>;

/**
 * The embedded database has one connection: a second transaction inside the first would wait for ever. On a server,
 * which could take it, nobody watches: following every promise of the process costs a tenth of its time.
 */
function refusingInnerTransactions(transact: Committing): Committing {
  const inTransaction = new AsyncLocalStorage<true>();
  return async (run) => {
    if (inTransaction.getStore()) throw new Error("withTx inside withTx: use the tx that is already open");
    return inTransaction.run(true, () => transact(run));
  };
}

/** Wraps a driver's handle; the handle itself never leaves this closure. */
export function database(
  kind: Database["kind"],
  handle: Handle,
  executeSql: ExecuteSql,
  close: () => Promise<void>,
): Database {
  let writes = 0;
  const once: Committing = (run) => committed(handle, run);
  const commit = kind === "pglite" ? refusingInnerTransactions(once) : once;
  const transact: Database["read"] = async (run) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await commit(run);
      } catch (error) {
        if (isRepeatable(error) && attempt < ATTEMPTS_MAX) continue;
        throw translated(error);
      }
    }
  };
  return {
    kind,
    get writes() {
      return writes;
    },
    read: transact,
    async withTx(run) {
      try {
        return await transact(run);
      } finally {
        // Also where it failed: the connection may have been lost after the commit.
        writes += 1;
      }
    },
    executeSql: (text, values) => executeSql(text, values),
    close,
  };
}

interface Ahead {
  readonly statements: Promise<unknown>[];
  /** What went wrong first: everything after it only says that the transaction has failed. */
  error?: unknown;
}

/** What open transactions have sent without waiting for the answer. */
const sentAhead = new WeakMap<Tx, Ahead>();

/**
 * Sends a statement without waiting for its answer, so that the next one, or the COMMIT, follows right behind it.
 * For writes that can only fail as a whole: where one does, the server makes a ROLLBACK of the COMMIT, and the
 * transaction ends with the error.
 */
export function sendAhead(tx: Tx, statement: PromiseLike<unknown>): void {
  const ahead = sentAhead.get(tx) ?? { statements: [] };
  sentAhead.set(tx, ahead);
  // Now, not in a later microtask: whatever is made after this is also sent after it.
  const sent = Promise.resolve(statement.then((answer) => answer));
  ahead.statements.push(sent);
  sent.catch((error: unknown) => {
    ahead.error ??= error;
  });
}

/**
 * Resolves when the statements made so far have reached their driver, which takes some microtasks: the next one
 * follows behind them on the same connection and cannot overtake them.
 */
export function dispatched(): Promise<void> {
  return new Promise((done) => process.nextTick(done));
}

async function committed<Result>(handle: Handle, run: (tx: Tx) => Promise<Result>): Promise<Result> {
  const ahead: Ahead = { statements: [] };
  try {
    const result = await handle.transaction(async (tx) => {
      sentAhead.set(tx, ahead);
      const value = await run(tx);
      if (ahead.statements.length > 0) await dispatched();
      return value;
    });
    // The COMMIT was answered, so all of them were.
    await Promise.all(ahead.statements);
    return result;
  } catch (error) {
    throw ahead.error ?? error;
  }
}

/** Rows of a hand-written statement, alike for both drivers. */
export async function queryRows(tx: Tx, statement: SQL): Promise<SqlRow[]> {
  return rowsIn(await tx.execute(statement));
}

/** Of the answer of either driver. */
export function rowsIn(answer: unknown): SqlRow[] {
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
