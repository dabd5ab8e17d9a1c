import type { Sql, TransactionSql } from "postgres";
import { UNAVAILABLE_CODES } from "./errors.ts";
import { recurringText } from "./recurring-text.ts";

/**
 * Keeps the driver from writing to a connection that it has lost in the middle of a transaction.
 *
 * The driver rolls back whatever failed, also over a connection that is gone: postgres 3.4.9 then throws outside
 * of any promise, which ends the process (its issue 1208). So once a connection is known to be lost nothing more
 * is sent over it, and the transaction ends with the driver's own notice that the connection was closed.
 */
export function sparingLostConnections(client: Sql): Sql {
  const isRecurring = recurringText();
  return replacing(client, {
    begin: (run: Run) => client.begin((tx) => unlessLost(tx, run, isRecurring)),
  });
}

type Run = (tx: TransactionSql) => Promise<unknown>;
type IsRecurring = ReturnType<typeof recurringText>;

async function unlessLost(tx: TransactionSql, run: Run, isRecurring: IsRecurring): Promise<unknown> {
  const connection: Connection = { lostBy: null, isRecurring };
  try {
    return await run(watched(tx, connection));
  } catch (error) {
    // A promise without end: settling it would make the driver write. Its own notice ends the transaction.
    if (connection.lostBy !== null) return new Promise(() => undefined);
    throw error;
  }
}

interface Connection {
  lostBy: unknown;
  readonly isRecurring: IsRecurring;
}

function watched(tx: TransactionSql, connection: Connection): TransactionSql {
  return replacing(tx, {
    unsafe: (text: string, parameters: Parameters<TransactionSql["unsafe"]>[1] = []) => {
      if (connection.lostBy !== null) return unsent(connection.lostBy);
      const prepare = parameters.length > 0 && connection.isRecurring(text);
      const query = tx.unsafe(text, parameters, { prepare });
      query.catch((error: unknown) => {
        if (isLoss(error)) connection.lostBy = error;
      });
      return query;
    },
    savepoint: (run: Run) =>
      tx.savepoint(async (inner) => {
        try {
          return await run(watched(inner, connection));
        } catch (error) {
          if (connection.lostBy !== null) return new Promise(() => undefined);
          throw error;
        }
      }),
  });
}

/** What the server refuses leaves the connection open, unless the server itself is going away. */
function isLoss(error: unknown): boolean {
  const { code, severity } = error as { code?: string; severity?: string };
  if (severity !== undefined) return severity === "FATAL" || severity === "PANIC";
  return code !== undefined && UNAVAILABLE_CODES.has(code);
}

/** Fails as a query would, in both of the forms in which a query is awaited. */
function unsent(error: unknown): Promise<never> & { values(): Promise<never> } {
  const failed = Promise.reject(error);
  return Object.assign(failed, { values: () => failed });
}

/** The driver's clients are functions with properties: they are wrapped, not copied. */
function replacing<Client extends object>(client: Client, methods: Record<string, unknown>): Client {
  return new Proxy(client, {
    get: (target, name) => (typeof name === "string" && methods[name]) || Reflect.get(target, name),
  });
}
