import { type AnyColumn, or, type SQL, sql } from "drizzle-orm";

/** True where one of the columns contains the text, whatever its case; no character of it is a wildcard. */
export function containsText(columns: readonly AnyColumn[], text: string): SQL {
  return or(...columns.map((column) => sql`strpos(lower(${column}), lower(${text})) > 0`)) ?? sql`false`;
}
