import { drizzle } from "drizzle-orm/postgres-js";
import postgres, { type Sql } from "postgres";
import { isLoss } from "./errors.ts";
import { recurringText } from "./recurring-text.ts";
import { transactOn } from "./server-transaction.ts";
import { asHandle, type Handle } from "./tx.ts";

/** One connection to the server. It is opened when somebody sends something, and given up when it closes. */
export interface Connection {
  readonly client: Sql;
  /** Set by the first answer that came over it. */
  open: boolean;
  /** Called in the moment in which the connection closes, before the driver opens another one. */
  onClose: () => void;
}

/** For one user at a time: a transaction by `handle`, or a statement by `client`. */
export interface LentConnection extends Connection {
  readonly handle: Handle;
  /** Set when it has closed. The driver would open it again, but tell the next user what the last one heard (3.4.9). */
  gone: boolean;
}

export interface Connections {
  /** Lends a connection as long as `use` takes; waits in line where all of them are lent. */
  using<Result>(use: (connection: LentConnection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

type Settings = postgres.Options<Record<string, postgres.PostgresType>>;

/**
 * Connections that are lent as a whole. The driver's own pool lends one together with a BEGIN only, and waits for the
 * answer to it; here BEGIN goes out together with the first statement.
 */
export function serverConnections(url: string, max: number, settings: Settings): Connections {
  const isRecurring = recurringText();
  const all = new Set<LentConnection>();
  const idle: LentConnection[] = [];
  const waiting: ((connection: LentConnection) => void)[] = [];

  const open = (): LentConnection => {
    const client = postgres(url, {
      ...settings,
      max: 1,
      // The driver would end a connection that has come to its age also between two statements of a transaction.
      max_lifetime: null,
      onclose: () => {
        connection.onClose();
        connection.gone = true;
        if (idle.includes(connection)) forget(connection);
      },
    });
    const begin = (run: Parameters<typeof transactOn>[2]) => transactOn(connection, isRecurring, run);
    // The driver's clients are functions with properties: they are wrapped, not copied.
    const beginning = new Proxy(client, {
      get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)),
    });
    const handle = asHandle(drizzle(beginning));
    const connection: LentConnection = { client, handle, open: false, gone: false, onClose: () => undefined };
    all.add(connection);
    return connection;
  };
  const take = async (): Promise<LentConnection> => {
    // The one used last: it has its statements prepared, and those that are not needed may close.
    const ready = idle.pop() ?? (all.size < max ? open() : undefined);
    return ready ?? new Promise((resolve) => waiting.push(resolve));
  };
  const forget = (connection: LentConnection): void => {
    all.delete(connection);
    const at = idle.indexOf(connection);
    if (at >= 0) idle.splice(at, 1);
    // It has nothing left to send, so nobody waits for its end.
    void connection.client.end({ timeout: 0 });
  };
  const giveBack = (connection: LentConnection): void => {
    if (connection.gone) forget(connection);
    const next = waiting.shift();
    if (next !== undefined) next(connection.gone ? open() : connection);
    else if (!connection.gone) idle.push(connection);
  };

  return {
    async using(use) {
      const connection = await take();
      try {
        return await use(connection);
      } catch (error) {
        // The notice comes before the end.
        if (isLoss(error)) connection.gone = true;
        throw error;
      } finally {
        giveBack(connection);
      }
    },
    async close() {
      await Promise.all([...all].map(({ client }) => client.end({ timeout: 5 })));
    },
  };
}
