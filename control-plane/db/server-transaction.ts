import type { Sql, TransactionSql } from "postgres";
import { isLoss, sqlStateOf } from "./errors.ts";
import type { Connection } from "./server-connections.ts";

type Query = ReturnType<TransactionSql["unsafe"]>;
type Parameters = NonNullable<globalThis.Parameters<TransactionSql["unsafe"]>[1]>;
type Run = (tx: TransactionSql) => Promise<unknown>;
type IsRecurring = (text: string) => boolean;

/** What every statement hears after the one that went wrong. */
const TRANSACTION_ABORTED = "25P02";

/**
 * A transaction of which BEGIN and COMMIT wait for nobody: the first statement follows right behind the BEGIN, and the
 * COMMIT behind the last. The driver's own `begin` is a way to the server and back before anything is done, and
 * writes to a connection that was lost meanwhile (postgres 3.4.9, issue 1208), which ends the process.
 */
export async function transactOn<Result>(
  connection: Connection,
  isRecurring: IsRecurring,
  run: (tx: TransactionSql) => Promise<Result>,
): Promise<Result> {
  const sending = new Sending(connection, isRecurring);
  const begun = sending.send("BEGIN");
  try {
    // While it connects the driver keeps what it is given, and sends it also where the BEGIN before it has failed.
    if (!connection.open) await begun;
    connection.open = true;
    const result = await run(sending.client());
    await sending.send("COMMIT");
    // Of a transaction that has failed the server makes a ROLLBACK, also where COMMIT is what it was told.
    await begun;
    sending.assertWell();
    return result;
  } catch (error) {
    // The server does it by itself where the connection is gone.
    if (!sending.lost) await sending.send("ROLLBACK").catch(sending.ignoring);
    throw sending.lost || sqlStateOf(error) === TRANSACTION_ABORTED ? (sending.failure ?? error) : error;
  } finally {
    sending.end();
  }
}

/** What one transaction sends, and what has become of it. */
class Sending {
  readonly #connection: Connection;
  readonly #isRecurring: IsRecurring;
  readonly #unanswered = new Set<Query>();
  #savepoints = 0;
  /** Set once: after the first error everything else only says that the transaction has failed. */
  failure: unknown;
  lost = false;

  constructor(connection: Connection, isRecurring: IsRecurring) {
    this.#connection = connection;
    this.#isRecurring = isRecurring;
    connection.onClose = () => this.#abandon();
  }

  readonly ignoring = (): void => undefined;

  end(): void {
    this.#connection.onClose = this.ignoring;
  }

  assertWell(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  send(text: string, parameters: Parameters = []): Query {
    if (this.lost) return unsent(this.failure);
    const prepare = parameters.length > 0 && this.#isRecurring(text);
    const query = this.#connection.client.unsafe(text, parameters, { prepare });
    this.#unanswered.add(query);
    // Also puts it in line: the driver sends a query as soon as somebody waits for it.
    query.then(
      () => this.#unanswered.delete(query),
      (error: unknown) => {
        this.#unanswered.delete(query);
        this.failure ??= error;
        if (isLoss(error)) this.lost = true;
      },
    );
    return query;
  }

  /** What is still to be sent would go over the next connection, outside of any transaction. */
  #abandon(): void {
    this.lost = true;
    this.failure ??= Object.assign(new Error("the connection was closed"), { code: "CONNECTION_CLOSED" });
    for (const query of this.#unanswered) giveUp(query, this.failure);
  }

  /** The driver's clients are functions with properties: they are wrapped, not copied. */
  client(): TransactionSql {
    const methods: Partial<Record<string, unknown>> = {
      unsafe: (text: string, parameters?: Parameters) => this.send(text, parameters),
      savepoint: (run: Run) => this.#savepoint(run),
    };
    const client = new Proxy<Sql>(this.#connection.client, {
      get: (target, name) => (typeof name === "string" && methods[name]) || Reflect.get(target, name),
    });
    return asTransaction(client);
  }

  async #savepoint(run: Run): Promise<unknown> {
    const before = this.failure;
    this.#savepoints += 1;
    const name = `s${this.#savepoints}`;
    await this.send(`SAVEPOINT ${name}`);
    try {
      const result = await run(this.client());
      await this.send(`RELEASE SAVEPOINT ${name}`);
      return result;
    } catch (error) {
      if (this.lost) throw this.failure;
      await this.send(`ROLLBACK TO SAVEPOINT ${name}`);
      // What went wrong inside is undone with everything else inside.
      const inside = this.failure;
      this.failure = before;
      throw inside === before ? error : inside;
    }
  }
}

/** Drizzle calls `unsafe` and `savepoint` of a transaction's client, and nothing else. */
function asTransaction(client: Sql): TransactionSql {
  return client as unknown as TransactionSql;
}

/**
 * Settles a statement of a connection that is gone. One that waits in line leaves it; one that was handed over between
 * the failure of the socket and its end would never be answered: the driver (3.4.9) forgets it.
 */
function giveUp(query: Query, reason: unknown): void {
  // The driver's queries are promises with their own `reject`; once rejected, cancelling asks no server for anything.
  (query as Query & { reject(reason: unknown): void }).reject(reason);
  query.cancel();
}

/** Fails as a query would, in both of the forms in which a query is awaited. */
function unsent(error: unknown): Query {
  const failed = Promise.reject(error);
  return Object.assign(failed, { values: () => failed }) as unknown as Query;
}
