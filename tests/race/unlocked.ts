import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { type Database, database, type Handle } from "../../control-plane/db/tx.ts";

/** The same program on a connection that never locks a row: what the race must find. */
export function openWithoutLocks(url: string, connections: number): Database {
  const client = postgres(url, { max: connections, onnotice: () => undefined });
  // A driver for one database or the other is a `Handle`, as in db/open.ts.
  const handle = drizzle(withoutLocks(client)) as unknown as Handle;
  return database(
    "postgres",
    handle,
    () => Promise.reject(new Error("no job queue here")),
    () => client.end({ timeout: 5 }),
  );
}

/** Wraps a client, and the client of every transaction that it begins. */
function withoutLocks<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      if (name === "unsafe") {
        return (text: string, ...rest: unknown[]) =>
          Reflect.apply(member, target, [text.replace(/\bfor (update|share)( of "?\w+"?)?/gi, ""), ...rest]);
      }
      if (name === "begin" || name === "savepoint") {
        return (...given: unknown[]) =>
          Reflect.apply(
            member,
            target,
            given.map((one) =>
              typeof one === "function" ? (inner: object) => one(withoutLocks(inner)) : one,
            ),
          );
      }
      return member;
    },
  });
}
